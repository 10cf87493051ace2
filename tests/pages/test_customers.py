"""Staff look at a customer's data: for a reason, for a while, and every screen says so; in a real browser."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.database.roles import Role
from tests.pages.conftest import WIDE, keep, somebody
from tests.pages.served import Demo, opened
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

REASON = "Ticket 4711: the setup stops at the second page"
WHY = f"because: “{REASON}”"


@pytest.fixture(scope="module")
def staff(running: Demo) -> None:
    """An operator and an admin of another company than the one they look at, with the demo's password."""
    with closing(opened(running.database)) as database, database:
        company = copy(database, "customers", {"name": "OmniOps"})
        for role in (Role.OPERATOR, Role.ADMIN):
            changed = {"customer_id": company, "email": f"{role.value}@staff.example", "role": role.value}
            copy(database, "users", changed, "email LIKE 'demo@%'")


@contextmanager
def signed_in_as(role: Role, chromium: Browser, running: Demo) -> Iterator[Page]:
    """A page of one of staff; no script of it may fail, and nothing be logged as an error."""
    broken: list[str] = []
    with somebody(chromium, running, f"{role.value}@staff.example") as page:
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda told: broken.append(told.text) if told.type == "error" else None)
        ready(page, "/customers")
        yield page
    assert broken == []


def ask_for_access(page: Page, reason: str = REASON) -> None:
    page.get_by_role("button", name="Look at Tea Shop's data").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill(reason)
    dialog.get_by_role("button", name="Look").click()


@pytest.fixture
def screen(chromium: Browser, running: Demo, staff: None) -> Iterator[Page]:
    """An operator's page, on the list of customers."""
    with signed_in_as(Role.OPERATOR, chromium, running) as page:
        yield page


def whose(page: Page) -> Locator:
    """What stands above a customer's data."""
    return page.get_by_role("region", name="Whose data this is")


def test_without_a_reason_that_says_something_nothing_is_opened(screen: Page) -> None:
    keep(screen, "customers")
    ask_for_access(screen, "ticket")
    expect(screen.get_by_role("dialog").get_by_role("alert")).to_contain_text("a reason that the customer understands")
    keep(screen, "customers-reason")
    screen.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    expect(screen.get_by_role("region", name="What you have open")).to_have_count(0)
    expect(screen.get_by_text("your own")).to_have_count(1)


def test_staff_see_a_customers_screens_which_say_whose_they_are_and_offer_nothing_that_changes(
    screen: Page, running: Demo
) -> None:
    ask_for_access(screen)
    expect(whose(screen)).to_contain_text("You look at Tea Shop's data until ")
    expect(whose(screen)).to_contain_text(WHY)
    expect(screen.get_by_role("link", name="Set up a shop")).to_have_count(0)
    keep(screen, "customer-operations")
    screen.locator(f'a[href$="{running.operation}"]').click()
    expect(screen.get_by_role("heading", name="Setting up WooCommerce")).to_be_visible()
    screen.wait_for_function("document.querySelector('.picture img').naturalWidth > 0")
    for name in ("Stop", "revoke"):
        expect(screen.get_by_role("button", name=name, exact=True)).to_be_hidden()
    keep(screen, "customer-operation")
    screen.set_viewport_size(WIDE)
    for name in ("Products", "Consents", "Audit", "Statistics"):
        screen.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
        expect(screen.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(whose(screen)).to_contain_text(WHY)
        expect(screen.get_by_role("button", name="Withdraw")).to_have_count(0)
    expect(screen.get_by_text("this customer's setups")).to_be_visible()
    screen.get_by_role("link", name="OmniOps Autopilot").click()
    expect(screen.get_by_role("heading", name="Home")).to_be_visible()
    expect(whose(screen)).to_have_count(0)


@pytest.mark.usefixtures("staff")
def test_what_is_ended_in_one_tab_is_closed_in_every_other(chromium: Browser, running: Demo) -> None:
    """And it leads nowhere any more."""
    with signed_in_as(Role.ADMIN, chromium, running) as page:
        ask_for_access(page)
        expect(whose(page)).to_be_visible()
        address, other = page.url, page.context.new_page()
        ready(other, "/customers")
        opened_now = other.get_by_role("region", name="What you have open")
        expect(opened_now).to_contain_text("29 minutes left")
        keep(other, "customers-open")
        opened_now.get_by_role("button", name="End it").click()
        expect(opened_now).to_have_count(0)
        expect(page.get_by_role("status").first).to_contain_text("You have no access")
        page.goto(address)
        expect(page.get_by_role("heading", name="Customers")).to_be_visible()


def test_stop_looking_ends_it_and_the_customer_reads_of_it(screen: Page, chromium: Browser, running: Demo) -> None:
    ask_for_access(screen)
    whose(screen).get_by_role("button", name="Stop looking").click()
    expect(screen.get_by_role("heading", name="Customers")).to_be_visible()
    expect(whose(screen)).to_have_count(0)
    with somebody(chromium, running) as owner:
        ready(owner, "/audit")
        entries = owner.locator(".entries tbody tr")
        expect(entries.filter(has_text="Staff access ended").first).to_be_visible()
        expect(entries.filter(has_text="Staff access opened").filter(has_text=REASON).first).to_be_visible()
