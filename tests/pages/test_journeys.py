"""The ways that people go from beginning to end, in a real browser, with pictures of each stage: by day, by night, and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import a_context, keep, sign_in
from tests.pages.served import Demo
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import SHOP_PASSWORD

TAKES = 60_000  # milliseconds for a whole setup


@pytest.fixture(scope="module")
def page(chromium: Browser, spent: Demo) -> Iterator[Page]:
    """One browser window for all of them, as a person has it, on a demo whose company is deleted at their end; no script of it may fail."""
    context = a_context(chromium, spent, accept_downloads=True)
    window = context.new_page()
    broken: list[str] = []
    window.on("pageerror", lambda error: broken.append(str(error)))
    sign_in(window, spent)
    yield window
    context.close()
    assert broken == []


def start(page: Page, password: str = SHOP_PASSWORD) -> None:
    """From the sign-in at the shop to the start: read it, and allow it."""
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name=re.compile("Set up WooCommerce|Revoke at WooCommerce|Read what it will do")).click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="It will not")).to_be_visible()
    for box in sheet.get_by_role("checkbox").all()[-2:]:  # the sign-in and the pictures; not what is optional
        box.check()
    keep(page, "journey-consent", dark=True)
    sheet.get_by_role("button", name=re.compile("Allow for")).click()


def test_a_customer_sets_up_a_shop_and_asks_for_its_products(page: Page, spent: Demo) -> None:
    page.get_by_role("link", name="Home").locator("visible=true").click()
    page.get_by_role("link", name="Set up a service").click()
    keep(page, "journey-services", dark=True)
    page.get_by_role("link", name="WooCommerce").click()
    page.get_by_label("Shop address").press_sequentially(spent.shop)
    page.get_by_role("radio", name="Let the agent do it").check()
    keep(page, "journey-address", dark=True)
    start(page)
    page.locator(".thumb").nth(3).wait_for()
    keep(page, "journey-live", dark=True)
    expect(page.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=TAKES)
    keep(page, "journey-done", dark=True)
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text(re.compile(r"Step 1 of \d+"))).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?step=2$"))
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("tbody tr").first).to_contain_text("Earl Grey")
    keep(page, "journey-products", dark=True)


def test_staff_find_a_failure_by_the_statistics_and_have_it_tried_again(page: Page, spent: Demo) -> None:
    ready(page, f"/set-up?service=woocommerce&operation=api_key_generation&store={spent.shop}")
    start(page, "not-the-password")
    expect(page.get_by_role("heading", name="It could not be done")).to_be_visible(timeout=TAKES)
    page.get_by_role("link", name="Statistics").locator("visible=true").click()
    page.get_by_role("link", name="Wrong password").click()
    expect(page).to_have_url(re.compile("failure=wrong_password"))
    keep(page, "journey-failures", dark=True)
    page.get_by_role("link", name=re.compile("WooCommerce at")).first.click()
    card, failed = page.locator(".failure"), page.url
    for told in ("Expected", "Seen", "What to do now", "Nothing was left behind"):
        expect(card).to_contain_text(told)
    for told in ("Sign in as admin", "says: Error: The password", "then try again"):
        expect(card).to_contain_text(told)
    expect(page.locator(".pictures img").first).to_have_attribute("alt", "Your shop: Sign in as admin")
    keep(page, "journey-failure", dark=True)
    page.get_by_role("link", name="Change something first").click()
    expect(page.get_by_label("Shop address")).to_have_value(spent.shop)
    ready(page, failed.removeprefix(spent.dashboard))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("This is another try.")).to_be_visible()
    expect(page.get_by_role("heading", name="It waits for your consent")).to_be_visible()
    keep(page, "journey-tried-again", dark=True)
    start(page)
    expect(page.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=TAKES)
    page.get_by_role("link", name="See the one before").click()
    expect(page.get_by_text("It was tried once more.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_customer_takes_the_key_back_where_it_was_made(page: Page, spent: Demo) -> None:
    page.get_by_role("link", name="Shops").locator("visible=true").click()
    page.get_by_role("link", name="Revoke there").click()
    expect(page.get_by_role("heading", name="Take a key back")).to_be_visible()
    expect(page.get_by_label("Shop address")).to_have_value(spent.shop)
    start(page)
    expect(page.get_by_role("heading", name=re.compile("^Done!"))).to_be_visible(timeout=TAKES)
    keep(page, "journey-revoked", dark=True)
    ready(page, "/")
    expect(page.get_by_text("No shop is connected yet.")).to_be_visible()


def test_a_customer_has_everything_deleted_and_keeps_the_proof(page: Page, spent: Demo, tmp_path: Path) -> None:
    ready(page, "/settings/privacy")
    page.get_by_role("button", name="Delete all data").click()
    page.get_by_role("dialog").get_by_label("Your password").fill(spent.password)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="This can't be undone")).to_be_visible()
    keep(page, "journey-delete", dark=True)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Delete everything now").click()
    taken.value.save_as(tmp_path / "certificate.json")
    assert "signature" in (tmp_path / "certificate.json").read_text()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
