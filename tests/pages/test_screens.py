"""Which screens there are, and what each of them says and does."""

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import PHONE, keep
from tests.pages.served import Demo

SCREENS = {
    "home": "/",
    "set-up": "/set-up",
    "set-up-one": "/set-up?service=woocommerce",
    "shops": "/shops",
    "operations": "/operations",
    "products": "/products?q=Show+me+your+best+sellers",
    "consents": "/consents",
    "audit": "/audit",
    "statistics": "/statistics",
    "workflows": "/workflows",
    "health": "/health",
    "people": "/people",
    "customers": "/customers",
    "demo": "/demo",
    "tour": "/statistics?tour=8",
    "settings": "/settings",
    "settings-security": "/settings/security",
    "settings-credentials": "/settings/credentials",
    "settings-notifications": "/settings/notifications",
    "settings-privacy": "/settings/privacy",
}
MARKUP = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def ready(page: Page, address: str) -> None:
    """Open a screen and wait until it answers."""
    page.goto(address)
    page.wait_for_function("window.did_handshake === true")


def test_on_a_phone_the_menu_leads_everywhere(screen: Page) -> None:
    screen.set_viewport_size(PHONE)
    ready(screen, "/settings")
    expect(screen.get_by_role("link", name="Statistics")).to_be_hidden()
    screen.get_by_role("button", name="Menu").click()
    screen.get_by_role("link", name="Statistics").locator("visible=true").click()
    expect(screen.get_by_role("heading", name="Statistics", level=1)).to_be_visible()


@pytest.fixture
def stranger(chromium: Browser, running: Demo) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    with chromium.new_context(base_url=running.dashboard) as context:
        yield context.new_page()


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(stranger: Page) -> None:
    stranger.goto("/statistics")
    keep(stranger, "sign-in")
    stranger.get_by_label("E-mail").fill("nobody@tea.example")
    stranger.get_by_label("Password").fill("not the password")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_have_text("E-mail or password is not right. Try again.")
    expect(stranger.locator("input[name=next]")).to_have_value("/statistics")


def test_a_question_says_how_it_was_read(screen: Page) -> None:
    ready(screen, "/products")
    screen.get_by_role("link", name="Show me your best sellers").click()
    expect(screen.get_by_role("status")).to_contain_text("read as: Products sorted by sales")
    expect(screen.locator("tbody tr").first).to_contain_text("Earl Grey")
    screen.get_by_label("Ask about your products").fill("zebra")
    screen.get_by_role("button", name="Ask").click()
    expect(screen.get_by_role("heading", name="Nothing fits")).to_be_visible()


def test_a_page_beyond_the_last_is_the_last(screen: Page) -> None:
    ready(screen, "/products?page=9")
    expect(screen.get_by_role("status")).to_contain_text("47 products")
    expect(screen.locator("tbody tr")).to_have_count(47)


def test_numbers_side_by_side_stand_apart(screen: Page) -> None:
    ready(screen, "/products")
    sold = screen.locator("td.sold").first
    assert sold.evaluate("cell => parseFloat(getComputedStyle(cell).paddingRight)") >= 8


def test_text_from_an_address_or_a_shop_stays_text(screen: Page, stranger: Page) -> None:
    for address in (
        f"/set-up?service=woocommerce&store={MARKUP}",
        f"/products?q={MARKUP}",
        f"/audit?operation={MARKUP}",
        f"/operations/{MARKUP}",
    ):
        ready(screen, address)
    ready(screen, "/products?q=html")
    stranger.goto(f"/sign-in?error={MARKUP}&next={MARKUP}")
    stranger.wait_for_function("window.did_handshake === true")
    assert [one.evaluate("window.hacked") for one in (screen, stranger)] == [None, None]


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 5000, "٣", "²", "-1"])
def test_no_number_in_an_address_breaks_a_screen(screen: Page, digits: str) -> None:
    for address, title in ((f"/audit?before={digits}", "Audit"), (f"/statistics?days={digits}", "Statistics")):
        answer = screen.request.get(address)
        assert answer.status == 200, address
        assert f"<title>{title}" in answer.text()


def test_more_days_than_are_counted_are_as_many_as_are_counted(screen: Page) -> None:
    ready(screen, "/statistics?days=99999")
    expect(screen.get_by_text("Last 366 days")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/nowhere", "There is nothing at this address"),
        ("/operations/00000000-0000-0000-0000-000000000000", "There is no such operation"),
        ("/operations/mistyped", "There is no such operation"),
    ],
)
def test_where_nothing_is_a_page_says_so(screen: Page, address: str, title: str) -> None:
    answer = screen.goto(address)
    assert answer
    assert answer.status == 404
    expect(screen.get_by_role("heading", name=title)).to_be_visible()
    expect(screen.get_by_role("link", name="Back to the start")).to_be_visible()


def test_the_chain_is_verified_by_a_click(screen: Page) -> None:
    ready(screen, "/audit")
    screen.get_by_role("button", name="Verify the chain").click()
    expect(screen.get_by_role("status")).to_contain_text("none changed and none missing")
    expect(screen.get_by_role("status")).to_contain_text(re.compile(r"Signed up to entry \d+ on .+ \(checkpoint \d+, "))
    keep(screen, "audit-verified")


def test_the_chain_is_taken_away_by_a_click(screen: Page, tmp_path: Path) -> None:
    ready(screen, "/audit")
    with screen.expect_download() as taken:
        screen.get_by_role("link", name="Download export").click()
    taken.value.save_as(tmp_path / "audit.zip")
    with ZipFile(tmp_path / "audit.zip") as archive:
        assert {"audit.jsonl", "checkpoints.jsonl", "public-key.pem", "verify_export.py"} <= set(archive.namelist())


def test_staff_see_whether_the_chains_are_whole(screen: Page) -> None:
    ready(screen, "/statistics")
    expect(screen.get_by_text(re.compile(r"audit chains?: none broken"))).to_be_visible()


def test_a_token_is_shown_once_and_can_be_revoked(screen: Page, running: Demo) -> None:
    ready(screen, "/settings/security")
    screen.get_by_label("What the token is for").fill("nightly")
    screen.get_by_role("button", name="Make a token").click()
    screen.get_by_role("dialog").get_by_label("Your password").fill(running.password)
    screen.get_by_role("button", name="Make it").click()
    expect(screen.get_by_text("omni_live_")).to_be_visible()
    screen.get_by_role("button", name="I have kept it").click()
    screen.get_by_role("button", name="Revoke").click()
    screen.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(screen.get_by_text("nightly", exact=True)).to_have_count(0)
    assert "omni_live_" not in screen.content()
