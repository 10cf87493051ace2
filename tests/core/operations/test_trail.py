"""A customer reads and verifies their own chain, and nobody else's."""

from sqlalchemy import text

from core.database.session import Database
from core.operations.trail import MOST_ENTRIES, AuditTrail
from core.security.audit import AuditAction
from tests.core.operations.house import House, house
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner


async def test_entries_are_read_by_operation_and_in_pages(cottage: House) -> None:
    trail = AuditTrail(cottage.database)
    asked = await cottage.pending()
    assert [entry.action for entry in await trail.read(cottage.visitor, operation_id=asked.id)] == [
        AuditAction.OPERATION_ASKED
    ]
    newest = await trail.read(cottage.visitor, limit=1)
    older = await trail.read(cottage.visitor, before_seq=newest[0].seq, limit=10 * MOST_ENTRIES)
    assert [entry.seq for entry in (*newest, *older)] == [5, 4, 3, 2, 1]


async def test_a_changed_entry_is_found_and_nobody_elses_is_seen(sqlite_database: Database, clock: MovedClock) -> None:
    ours, theirs = await house(sqlite_database, clock), await house(sqlite_database, clock)
    trail = AuditTrail(sqlite_database)
    await ours.allow()
    assert await trail.read(theirs.visitor) == ()
    assert (await trail.verify(ours.visitor)).intact
    with as_owner(sqlite_database).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_changes_nothing"))
        connection.execute(text("UPDATE autonomous_operations_audit SET actor = 'somebody else'"))
    broken = await trail.verify(ours.visitor)
    assert (broken.intact, broken.first_broken) == (False, 1)
    assert (await trail.verify(theirs.visitor)).intact
