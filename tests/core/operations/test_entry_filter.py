"""Entries of the audit trail are found by what was done, by whom and when; in the database, and none of another company's."""

from datetime import timedelta

import pytest

from core.database.session import CustomerSession
from core.operations.entry_filter import By, EntryFilter
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.visitor import SYSTEM
from tests.core.operations.house import House, visitor
from tests.core.operations.many_runs import operator

REASON = "Ticket 4711: it stops at the sign-in"
A = AuditAction


@pytest.fixture
async def filled(home: House) -> House:
    """A chain with an entry a day, by each who can be: a person, then the agent, the system, and staff today."""
    staff = await operator(home)
    day = timedelta(days=1)
    for action, actor in ((A.SIGNED_IN, home.visitor.actor), (A.STEP_INTENDED, "agent"), (A.PICTURES_DELETED, SYSTEM)):
        await noted(home, AuditEvent(action, actor))
        home.clock.move(day)
    await noted(home, AuditEvent(A.STAFF_ACCESS_OPENED, staff.actor, detail={"reason": REASON}))
    return home


async def noted(home: House, event: AuditEvent) -> None:
    customer, at = home.visitor.customer_id, home.clock.now()

    def add(session: CustomerSession) -> None:
        audit_log.record(session, customer, event, at=at)

    await home.run(add)


async def found(home: House, wanted: EntryFilter) -> list[str]:
    return [entry.action for entry, _ in await home.trail.page(home.visitor, wanted)]


async def test_by_whom_each_is_is_told_and_filtered(filled: House) -> None:
    entries = await filled.trail.page(filled.visitor, EntryFilter())
    assert [by for _, by in entries] == [By.STAFF, By.SYSTEM, By.AGENT, By.PERSON]
    for entry, by in entries:
        assert await found(filled, EntryFilter(by=by)) == [entry.action]


async def test_what_was_done_and_when_are_filtered(filled: House) -> None:
    now, day = filled.clock.now(), timedelta(days=1)
    assert await found(filled, EntryFilter(action=A.STEP_INTENDED)) == [A.STEP_INTENDED]
    assert await found(filled, EntryFilter(since=now - day)) == [A.STAFF_ACCESS_OPENED, A.PICTURES_DELETED]
    assert await found(filled, EntryFilter(until=now - 2 * day)) == [A.SIGNED_IN]
    assert await found(filled, EntryFilter(since=now - 2 * day, until=now)) == [A.PICTURES_DELETED, A.STEP_INTENDED]
    assert await found(filled, EntryFilter(by=By.STAFF, action=A.SIGNED_IN)) == []


async def test_pages_of_a_filter_go_on_where_the_last_ended(filled: House) -> None:
    await noted(filled, AuditEvent(A.SIGNED_IN, filled.visitor.actor))
    wanted = EntryFilter(by=By.PERSON)
    ((newest, _),) = await filled.trail.page(filled.visitor, wanted, limit=1)
    ((older, _),) = await filled.trail.page(filled.visitor, wanted, newest.seq, limit=1)
    assert (newest.seq, older.seq) == (5, 1)


async def test_nothing_of_another_company_is_found(filled: House) -> None:
    other = await visitor(filled.database, filled.clock)
    assert await filled.trail.page(other, EntryFilter()) == ()
