"""A shop is set up without any password: its owner approves there, in a real browser, and comes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo
from tests.pages.test_screens import ready
from tests.pages.test_setting_up import SHOP_PASSWORD

APPROVE, AGENT = "Approve in your shop", "Let the agent do it"


@pytest.fixture
def owner(screen: Page, running: Demo) -> Iterator[Page]:
    """Somebody who leaves no setup of the demo's shop open behind them."""
    yield screen
    headers = {"Origin": running.dashboard}
    for one in screen.request.get("/api/autonomous/history").json():
        if one["status"] in {"awaiting_consent", "awaiting_input"}:
            cancel = f"/api/autonomous/operations/{one['operationId']}/cancel"
            assert screen.request.post(cancel, headers=headers, data={}).ok


def ask(page: Page, running: Demo) -> None:
    """Ask for it, and read what it will do."""
    ready(page, f"/set-up?service=woocommerce&store={running.shop}")
    page.get_by_role("button", name="Set up WooCommerce").click()
    expect(page.get_by_role("dialog")).to_contain_text("No password is asked for.")


def wait_for_the_owner(page: Page, running: Demo) -> None:
    """Ask for it, and allow it."""
    ask(page, running)
    page.get_by_role("button", name="Allow for 30 days").click()
    expect(page.get_by_role("heading", name="It waits for you to approve it")).to_be_visible()


def go_to_the_shop(page: Page) -> None:
    """Go there, and sign in if it asks to."""
    page.get_by_role("button", name=APPROVE).click()
    page.get_by_role("heading", name=re.compile("asks for a key to this shop")).wait_for()
    if page.get_by_label("Password").count():
        page.get_by_label("Username or email address").fill("admin")
        page.get_by_label("Password").fill(SHOP_PASSWORD)
        page.get_by_role("button", name="Login").click()


def test_the_way_without_a_password_comes_first_and_the_difference_is_said(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?service=woocommerce&store={running.shop}")
    expect(screen.get_by_role("radio")).to_have_count(2)
    first, second = screen.get_by_role("radio").all()
    expect(first).to_have_accessible_name(APPROVE)
    expect(first).to_have_accessible_description("You approve in your own browser, and no password is shared.")
    expect(first).to_be_checked()
    expect(second).to_have_accessible_name(AGENT)
    expect(second).to_have_accessible_description(re.compile("signs in for you with a user name and password"))
    for label in ("User name", "Password"):
        expect(screen.get_by_label(label, exact=True)).to_be_hidden()
    keep(screen, "ways")
    second.check()
    expect(screen.get_by_label("User name")).to_be_visible()
    expect(screen.get_by_text("You watch every step and its picture.")).to_be_visible()
    expect(screen.get_by_label("Shop address")).to_have_value(running.shop)
    keep(screen, "ways-agent")
    first.check()
    expect(screen.get_by_label("User name")).to_be_hidden()


def test_what_can_be_done_in_one_way_offers_no_choice(screen: Page, running: Demo) -> None:
    ready(screen, f"/set-up?service=woocommerce&operation=revoke_keys&store={running.shop}")
    expect(screen.get_by_role("heading", name="Take a key back")).to_be_visible()
    expect(screen.get_by_label("User name")).to_be_visible()
    expect(screen.get_by_role("radio")).to_have_count(0)


def test_the_owner_approves_and_the_products_come(owner: Page, running: Demo) -> None:
    ask(owner, running)
    keep(owner, "consent-approval")
    owner.get_by_role("button", name="Allow for 30 days").click()
    expect(owner.get_by_role("heading", name="It waits for you to approve it")).to_be_visible()
    expect(owner.get_by_text("Needs you")).to_be_visible()
    expect(owner.get_by_text("The first picture comes")).to_be_hidden()
    keep(owner, "approval")
    go_to_the_shop(owner)
    expect(owner.get_by_role("heading", name=re.compile(r"OmniOps · op \w{8}” asks for a key"))).to_be_visible()
    expect(owner.get_by_role("link", name="Approve")).to_be_visible()
    keep(owner, "approval-in-the-shop")
    owner.get_by_role("link", name="Approve").click()
    expect(owner.get_by_role("heading", name="Done! 47 products synced.")).to_be_visible(timeout=30_000)
    expect(owner).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}$"))  # the state is out of the address again
    assert "user_id" not in owner.content()
    keep(owner, "approved")


def test_whoever_denies_is_asked_again_or_has_the_agent_do_it(owner: Page, running: Demo) -> None:
    wait_for_the_owner(owner, running)
    go_to_the_shop(owner)
    owner.get_by_role("link", name="Deny").click()
    expect(owner.get_by_role("heading", name="You did not approve it")).to_be_visible()
    expect(owner).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}$"))
    keep(owner, "declined")
    go_to_the_shop(owner)
    owner.get_by_role("link", name="Deny").click()
    expect(owner.get_by_role("heading", name="You did not approve it")).to_be_visible()

    owner.get_by_role("button", name=AGENT).click()
    owner.get_by_role("dialog").get_by_role("button", name="Go back").click()
    expect(owner.get_by_role("dialog")).to_have_count(0)
    owner.get_by_role("button", name=AGENT).click()
    owner.get_by_role("dialog").get_by_role("button", name=AGENT).click()
    expect(owner.get_by_label("User name")).to_be_visible()
    expect(owner.get_by_label("Shop address")).to_have_value(running.shop)
    expect(owner.get_by_role("radio", name=re.compile(AGENT))).to_be_checked()


def test_what_a_stranger_puts_into_the_address_is_not_believed(owner: Page, running: Demo) -> None:
    wait_for_the_owner(owner, running)
    address = owner.url
    for query in ("?success=0", "?success=0&user_id=made-up", "?success=1&user_id=made-up"):
        ready(owner, address + query)
        expect(owner.get_by_role("heading", name="It waits for you to approve it")).to_be_visible()
    ready(owner, address + "?success=0")
    owner.get_by_role("button", name="Stop").click()
    expect(owner.get_by_role("dialog")).to_contain_text("A key that you have approved already stays")
    owner.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(owner.get_by_role("heading", name="It was stopped")).to_be_visible()
    expect(owner.get_by_text("Nothing was left behind there.")).to_be_visible()


def test_a_wider_key_is_allowed_by_a_tick(owner: Page, running: Demo) -> None:
    ask(owner, running)
    owner.get_by_role("checkbox").check()
    owner.get_by_role("button", name="Allow for 30 days").click()
    go_to_the_shop(owner)
    expect(owner.get_by_text("Read/Write")).to_be_visible()
    owner.get_by_role("link", name="Deny").click()
    expect(owner.get_by_role("heading", name="You did not approve it")).to_be_visible()
