"""A customer reads and verifies their own chain, and nobody else's."""

import pytest
from sqlalchemy import text

from core.agents.agent import StepFailed
from core.database.session import Database
from core.operations.trail import MOST_ENTRIES
from core.security.audit.audit_log import AuditAction
from core.security.keys.signing import BadSigningKey, SigningKey
from tests.core.operations.house import House, house
from tests.core.operations.runs import run_one
from tests.fakes.agents import FakeAgents, raising
from tests.fakes.clock import MovedClock
from tests.fakes.keys import FixedSigningKey
from tests.postgres import as_owner


async def test_entries_are_read_by_operation_and_in_pages(cottage: House) -> None:
    trail = cottage.trail
    asked = await cottage.pending()
    assert [entry.action for entry in await trail.read(cottage.visitor, operation_id=asked.id)] == [
        AuditAction.OPERATION_ASKED
    ]
    newest = await trail.read(cottage.visitor, limit=1)
    older = await trail.read(cottage.visitor, before_seq=newest[0].seq, limit=10 * MOST_ENTRIES)
    assert [entry.seq for entry in (*newest, *older)] == [5, 4, 3, 2, 1]


async def test_a_changed_entry_is_found_and_nobody_elses_is_seen(sqlite_database: Database, clock: MovedClock) -> None:
    ours, theirs = await house(sqlite_database, clock), await house(sqlite_database, clock)
    await ours.allow()
    assert await theirs.trail.read(theirs.visitor) == ()
    assert (await ours.trail.verify(ours.visitor)).intact
    with as_owner(sqlite_database).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_changes_nothing"))
        connection.execute(text("UPDATE autonomous_operations_audit SET actor = 'somebody else'"))
    broken = await ours.trail.verify(ours.visitor)
    assert (broken.intact, broken.first_broken) == (False, 1)
    assert (await theirs.trail.verify(theirs.visitor)).intact


@pytest.mark.parametrize("ends", [FakeAgents(), FakeAgents(raising(StepFailed("wrong_password", "No.")))])
async def test_the_end_of_a_run_is_signed_for_in_the_transaction_that_ends_it(home: House, ends: FakeAgents) -> None:
    row = await run_one(home, ends)
    signed = await home.trail.receipt(home.visitor, row.id)
    last = (await home.entries())[-1]
    assert signed is not None
    assert (signed.seq, signed.hash, last.operation_id) == (last.seq, last.hash, row.id)
    assert (await home.trail.verify(home.visitor)).unanchored == 0


async def test_nothing_is_claimed_to_be_signed_before_it_is(home: House) -> None:
    asked = await home.pending()
    assert await home.trail.receipt(home.visitor, asked.id) is None
    made = await home.checkpoints.keep(home.visitor.customer_id)
    assert await home.trail.receipt(home.visitor, asked.id) == made
    neighbour = await house(home.database, home.clock)
    assert await neighbour.trail.receipt(neighbour.visitor, asked.id) is None


async def test_a_run_ends_also_where_nothing_can_be_signed(
    home: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(self: FixedSigningKey) -> SigningKey:
        raise BadSigningKey(because="It is gone.")

    monkeypatch.setattr(FixedSigningKey, "signing_key", gone)
    row = await run_one(home, FakeAgents())
    assert row.status == "completed"
    assert "was not signed for" in caplog.text
    monkeypatch.undo()
    await home.checkpoints.keep_due()
    assert (await home.trail.verify(home.visitor)).unanchored == 0
