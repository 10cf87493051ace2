"""Lists of operations in a real browser: filters in the address, pages, ticks, and for staff the way to one of a customer's."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from core.database.states import OperationStatus, StepState
from core.database.tables import AuditHead, OperationRow, StepRow
from core.security.audit.audit_log import FIRST
from tests.pages.asking import written
from tests.pages.conftest import as_new, keep, somebody
from tests.pages.served import Demo, opened
from tests.pages.test_customers import whose
from tests.pages.test_forgetting import copy
from tests.pages.test_screens import ready

FAILED = "The shop met an error of its own."
REASON = "The host of these shops answers again"
MANY = 60  # operations: more than one page


def put(session: Session, running: Demo, at: timedelta, **values: Any) -> UUID:
    """A failed operation like the demo's, at a shop of its own."""
    like = session.exec(select(OperationRow).where(col(OperationRow.id) == UUID(running.operation))).one()
    kept = like.model_dump(include={"customer_id", "requested_by", "service", "operation", "permissions"})
    moment = datetime.now(UTC) - at
    usual = {"status": OperationStatus.FAILED, "failure_code": "shop_error", "failure_sentence": FAILED}
    times = {"created_at": moment, "started_at": moment, "finished_at": moment + timedelta(seconds=31)}
    row = OperationRow(
        **kept | usual | times | {"id": uuid4(), "store_origin": f"https://{uuid4().hex[:6]}.example"} | values
    )
    session.add(row)
    session.flush()
    failed: dict[str, Any] = {"intent": "Sign in as admin", "action": "click", "state": StepState.FAILED}
    session.add(StepRow(customer_id=row.customer_id, operation_id=row.id, position=1, **failed))
    return row.id


@pytest.fixture(scope="module")
def many(running: Demo) -> Iterator[list[UUID]]:
    """Many that failed, an hour apart, the newest first; gone afterwards, with what tried them again."""
    with written(running) as session:
        made = [put(session, running, timedelta(days=400, hours=number)) for number in range(MANY)]
    yield made
    with written(running) as session:
        again = session.exec(select(OperationRow.id).where(col(OperationRow.retry_of).in_(made))).all()
        every = [*again, *made]
        session.exec(update(OperationRow).where(col(OperationRow.id).in_(again)).values(retry_of=None))
        session.exec(delete(StepRow).where(col(StepRow.operation_id).in_(every)))
        session.exec(delete(OperationRow).where(col(OperationRow.id).in_(every)))


@pytest.fixture(scope="module")
def owners_window(chromium: Browser, running: Demo) -> Iterator[Page]:
    """The window of an owner of the demo's company: no staff, so that what they see is theirs."""
    with closing(opened(running.database)) as database, database:
        changed = {"email": "owner@lists.example", "role": "owner"}
        copy(database, "users", changed, "email LIKE 'demo@%'")
    with somebody(chromium, running, "owner@lists.example") as page:
        yield page


@pytest.fixture
def owner(owners_window: Page) -> Iterator[Page]:
    """A page of that owner, as if it were new."""
    cookies = owners_window.context.cookies()
    yield owners_window
    as_new(owners_window, cookies)


def test_filters_stand_in_the_address_and_are_there_again_when_it_is_opened(owner: Page, many: list[UUID]) -> None:
    ready(owner, "/operations")
    expect(owner.get_by_role("heading", name="Operations", exact=True)).to_be_visible()
    owner.get_by_role("link", name="Failed", exact=True).click()
    owner.wait_for_url(re.compile(r"status=failed"))
    owner.get_by_label("Why it failed").select_option("shop_error")
    owner.get_by_role("button", name="Filter").click()
    owner.wait_for_url(re.compile(r"failure=shop_error"))
    assert "status=failed" in owner.url
    expect(owner.get_by_label("Why it failed")).to_have_value("shop_error")
    expect(owner.get_by_role("link", name="Failed", exact=True)).to_have_attribute("aria-current", "true")
    keep(owner, "operations-filtered")
    owner.go_back()
    expect(owner.get_by_label("Why it failed")).to_have_value("")
    ready(owner, "/operations?q=nowhere.example")
    expect(owner.get_by_role("heading", name="Nothing fits")).to_be_visible()
    keep(owner, "operations-nothing-fits")
    owner.get_by_role("link", name="Remove filters").last.click()
    expect(owner.locator(".item").first).to_be_visible()


def test_one_page_follows_the_other_and_leads_back(owner: Page, many: list[UUID]) -> None:
    ready(owner, "/operations?failure=shop_error")
    expect(owner.locator(".item")).to_have_count(50)
    expect(owner.get_by_role("link", name="Newer")).to_have_count(0)
    owner.get_by_role("link", name="Older").click()
    expect(owner.locator(f'a[href="/operations/{many[-1]}"]')).to_be_visible()
    expect(owner.get_by_role("link", name="Older")).to_have_count(0)
    owner.get_by_role("link", name="Newer").click()
    expect(owner.locator(f'a[href="/operations/{many[0]}"]')).to_be_visible()


@pytest.mark.usefixtures("many")
def test_what_is_new_appears_where_it_fits_without_reloading(owner: Page) -> None:
    """One that is tried again waits for consent, and is no failure any more that could be tried."""
    waiting, other, elsewhere = owner, owner.context.new_page(), owner.context.new_page()
    ready(waiting, "/operations?status=needs_you")
    before = waiting.locator(".item").count()
    ready(other, "/operations?q=nowhere.example")
    ready(elsewhere, "/operations?failure=shop_error")
    elsewhere.locator(".tick").nth(7).check()
    elsewhere.get_by_role("button", name="Try 1 again").click()
    elsewhere.get_by_role("dialog").get_by_role("button", name="Try again").click()
    expect(elsewhere.get_by_role("heading", name="0 of 1 is tried again · 1 waits for your consent")).to_be_visible()
    expect(waiting.locator(".item")).to_have_count(before + 1)
    expect(other.get_by_role("heading", name="Nothing fits")).to_be_visible()
    expect(other.locator(".item")).to_have_count(0)


def test_several_of_ones_own_are_tried_again_and_each_is_told(owner: Page, many: list[UUID]) -> None:
    ready(owner, "/operations?failure=shop_error")
    for place in (0, 1):
        owner.locator(".tick").nth(place).check()
    owner.get_by_role("button", name="Try 2 again").click()
    dialog = owner.get_by_role("dialog", name="Try 2 operations again?")
    expect(dialog.get_by_label("Why")).to_have_count(0)
    keep(owner, "try-several")
    dialog.get_by_role("button", name="Try again").click()
    expect(owner.get_by_role("heading", name="0 of 2 are tried again · 2 wait for your consent")).to_be_visible()
    expect(owner.get_by_role("status").get_by_text("Needs your consent")).to_have_count(2)
    keep(owner, "tried-several")
    line = owner.locator(".item").first
    for told in (line, owner.locator(".item").nth(1)):
        expect(told.get_by_text("Another try waits for consent.")).to_be_visible()
    expect(line.locator(".tick")).to_be_hidden()
    expect(owner.get_by_role("button", name=re.compile(r"^Try \d+ again"))).to_be_hidden()
    failed = line.get_by_role("link").first.get_attribute("href")
    line.get_by_role("link", name="See that try").click()
    expect(owner.get_by_text("Needs your consent")).to_be_visible()
    ready(owner, failed or "")
    expect(owner.get_by_text("Another try waits for your consent.")).to_be_visible()
    owner.get_by_role("link", name="Read it, and allow it or not").click()
    expect(owner.get_by_text("Needs your consent")).to_be_visible()


def test_one_more_than_can_be_tried_at_once_is_told_and_not_ticked(owner: Page, running: Demo) -> None:
    with written(running) as session:
        made = [put(session, running, timedelta(days=1, hours=hours), failure_code="key_limit") for hours in range(101)]
    ready(owner, "/operations?failure=key_limit")
    for _ in range(2):
        owner.get_by_role("link", name="Older").click()
        expect(owner.get_by_role("link", name="Newer")).to_be_visible()
        owner.wait_for_function("window.did_handshake === true")
    owner.get_by_role("button", name="Tick all that fit").click()
    expect(owner.get_by_role("button", name="Try 100 again")).to_be_visible()
    owner.locator(".tick").first.click()
    expect(owner.get_by_text("No more than 100 are tried at once.")).to_be_visible()
    expect(owner.locator(".tick").first).not_to_be_checked()
    expect(owner.get_by_role("button", name="Try 100 again")).to_be_visible()
    with written(running) as session:
        session.exec(delete(StepRow).where(col(StepRow.operation_id).in_(made)))
        session.exec(delete(OperationRow).where(col(OperationRow.id).in_(made)))


def test_a_failure_says_how_often_it_happened(owner: Page, running: Demo) -> None:
    with written(running) as session:
        made = [put(session, running, timedelta(hours=hours), failure_code="took_too_long") for hours in (1, 50)]
    ready(owner, f"/operations/{made[0]}")
    expect(owner.locator(".similar")).to_contain_text(
        re.compile(r"2 failed like this at 2 shops within 90 days: first on .+")
    )
    keep(owner, "failed-before")
    owner.get_by_role("link", name="See them").click()
    expect(owner.locator(".item")).to_have_count(2)
    with written(running) as session:
        session.exec(delete(StepRow).where(col(StepRow.operation_id).in_(made)))
        session.exec(delete(OperationRow).where(col(OperationRow.id).in_(made)))


@pytest.fixture(scope="module")
def theirs(running: Demo) -> UUID:
    """A failed operation of another company."""
    with closing(opened(running.database)) as database, database:
        company = copy(database, "customers", {"name": "Coffee House"})
        person = copy(database, "users", {"customer_id": company, "email": "x@coffee.example"}, "email LIKE 'demo@%'")
    with written(running) as session:
        session.add(AuditHead(customer_id=UUID(company), seq=0, hash=FIRST))
        return put(session, running, timedelta(days=3), customer_id=UUID(company), requested_by=UUID(person))


@pytest.fixture
def ours_too(running: Demo) -> Iterator[UUID]:
    """One of the demo's that failed like theirs."""
    with written(running) as session:
        made = put(session, running, timedelta(days=2))
    yield made
    with written(running) as session:
        session.exec(delete(StepRow).where(col(StepRow.operation_id) == made))
        session.exec(delete(OperationRow).where(col(OperationRow.id) == made))


@pytest.mark.usefixtures("ours_too")
def test_staff_see_all_customers_and_come_to_one_by_a_reason(screen: Page, theirs: UUID) -> None:
    ready(screen, "/operations?customer=coffee")
    expect(screen.get_by_role("heading", name="Operations of all customers")).to_be_visible()
    line = screen.locator(".item")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("Coffee House")
    expect(line).to_contain_text(f"{FAILED} It took 31.0 s.")
    keep(screen, "operations-of-all")
    line.get_by_role("link").click()
    dialog = screen.get_by_role("dialog", name="Look at Coffee House's data?")
    dialog.get_by_label("Why").fill("Ticket 4711: the setup stops at the sign-in")
    dialog.get_by_role("button", name="Look").click()
    screen.wait_for_url(re.compile(rf"/customers/.+/operations/{theirs}$"))
    expect(screen.get_by_role("heading", name="It could not be done")).to_be_visible()
    expect(screen.locator(".similar")).to_contain_text("2 failed like this at 2 shops")
    expect(screen.get_by_role("link", name="See them all")).to_have_attribute("href", re.compile("^/operations\\?"))
    whose(screen).get_by_role("button", name="Stop looking").click()
    expect(screen.get_by_role("heading", name="Customers")).to_be_visible()


def test_staff_say_why_before_a_customers_is_tried_again(screen: Page, theirs: UUID) -> None:
    ready(screen, "/operations?customer=coffee")
    screen.get_by_role("button", name="Tick all that fit").click()
    screen.get_by_role("button", name="Try 1 again").click()
    dialog = screen.get_by_role("dialog", name="Try 1 operation again?")
    dialog.get_by_label("Why").fill("ticket")
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a reason that the customer understands")
    keep(screen, "try-for-a-customer")
    dialog.get_by_label("Why").fill(REASON)
    dialog.get_by_role("button", name="Try again").click()
    expect(screen.get_by_text("Not tried: The customer's consent has ended.")).to_be_visible()


def test_the_audit_is_filtered_by_its_address(owner: Page) -> None:
    ready(owner, "/audit")
    owner.get_by_label("What").select_option(label="Operation asked for")
    owner.get_by_role("button", name="Filter").click()
    owner.wait_for_url(re.compile("action=operation_asked"))
    expect(owner.locator(".entries .what").first).to_have_text("Operation asked for")
    assert set(owner.locator(".entries tbody .what").all_text_contents()) == {"Operation asked for"}
    ready(owner, "/audit?actor=agent")
    assert set(owner.locator(".entries tbody .by").all_text_contents()) == {"agent"}
    ready(owner, "/audit?until=2020-01-01&actor=<b>&action=x")
    expect(owner.get_by_role("heading", name="Nothing fits")).to_be_visible()
    expect(owner.get_by_label("To", exact=True)).to_have_value("2020-01-01")
    expect(owner.get_by_role("link", name="Download export")).to_have_accessible_description(
        re.compile("always of the whole chain")
    )
    keep(owner, "audit-nothing-fits")
