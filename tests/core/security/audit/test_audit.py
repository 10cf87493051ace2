"""The chain tells whether anybody changed, removed or added what was recorded."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.clock import Clock
from core.database.session import Database
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent, Erased, Verification
from core.security.people.people import People
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

SOMETHING = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", detail={"products": 47, "shop": "https://tea.example"})


@pytest.fixture
async def customer(database: Database, clock: Clock) -> UUID:
    customer_id = await People(database, clock).add_customer("Tea Shop")
    for _ in range(5):
        await database.run(
            customer_id, partial(audit_log.record, customer_id=customer_id, event=SOMETHING, at=clock.now())
        )
    return customer_id


async def verified(database: Database, customer_id: UUID) -> Verification:
    return await database.read(customer_id, lambda session: audit_log.verify(session, customer_id))


def tamper(database: Database, statement: str, *, guarded: bool = False) -> None:
    """Change the table as somebody with the owner's rights would; unless they left them, with the guards taken down."""
    with as_owner(database).begin() as connection:
        if not guarded and database.is_sqlite:
            for trigger in ("audit_keeps_entries", "audit_changes_nothing"):
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        elif not guarded:
            connection.execute(text("ALTER TABLE autonomous_operations_audit DISABLE TRIGGER USER"))
        connection.execute(text(statement))


async def test_an_untouched_chain_is_whole(database: Database, customer: UUID) -> None:
    assert await verified(database, customer) == Verification(intact=True, events=5, unanchored=5)


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("UPDATE autonomous_operations_audit SET actor = 'user:1' WHERE seq = 3", "it was changed"),
        (
            "UPDATE autonomous_operations_audit SET detail = '{\"products\": 48}' WHERE seq = 3",
            "its detail was changed",
        ),
        ("UPDATE autonomous_operations_audit SET salt = NULL WHERE seq = 3", "its detail was half erased"),
        ("DELETE FROM autonomous_operations_audit WHERE seq = 3", "an entry is missing"),
    ],
)
async def test_what_was_tampered_with_is_named(
    database: Database, customer: UUID, statement: str, because: str
) -> None:
    tamper(database, statement)
    found = await verified(database, customer)
    assert (found.intact, found.events, found.first_broken, found.because) == (False, 3, 3, because)


async def test_a_cut_tail_is_noticed(database: Database, customer: UUID) -> None:
    tamper(database, "DELETE FROM autonomous_operations_audit WHERE seq = 5")
    found = await verified(database, customer)
    assert (found.intact, found.first_broken) == (False, 5)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE autonomous_operations_audit SET actor = 'user:1' WHERE seq = 3",
        "DELETE FROM autonomous_operations_audit WHERE seq = 3",
    ],
)
async def test_the_database_itself_refuses_changes(database: Database, customer: UUID, statement: str) -> None:
    with pytest.raises(DatabaseError, match="never"):
        tamper(database, statement, guarded=True)
    assert (await verified(database, customer)).intact


async def test_erased_details_leave_the_chain_whole_and_an_entry_that_says_so(
    database: Database, customer: UUID, clock: Clock
) -> None:
    erase = partial(
        audit_log.erase_details, customer_id=customer, up_to=3, because="asked for", actor="user:1", at=clock.now()
    )
    assert await database.run(customer, erase) == Erased(details=3, up_to=3)
    assert await verified(database, customer) == Verification(intact=True, events=6, unanchored=6)
    newest, *older = await database.read(customer, audit_log.read)
    assert newest.action == AuditAction.DETAILS_ERASED
    assert newest.detail == {"first": 1, "last": 3, "details": 3, "ground": "asked for", "requester": "user:1"}
    assert [entry.detail is None for entry in older] == [False, False, True, True, True]


async def test_erasing_twice_changes_nothing_the_second_time(database: Database, customer: UUID, clock: Clock) -> None:
    erase = partial(audit_log.erase_details, customer_id=customer, because="asked for", actor="system", at=clock.now())
    assert (await database.run(customer, erase)).details == 5
    assert (await database.run(customer, erase)).details == 0
    assert (await verified(database, customer)).events == 6


async def test_what_says_that_something_was_erased_is_never_erased_itself(
    database: Database, customer: UUID, clock: Clock
) -> None:
    """Neither by the next erasure, whose range it is in, nor by hand; and by somebody with all rights not unnoticed."""
    erase = partial(audit_log.erase_details, customer_id=customer, because="asked for", actor="system", at=clock.now())
    await database.run(customer, erase)
    await database.run(customer, partial(audit_log.record, customer_id=customer, event=SOMETHING, at=clock.now()))
    assert await database.run(customer, erase) == Erased(details=1, up_to=7)
    assert [entry.seq for entry in await database.read(customer, audit_log.read) if entry.detail] == [8, 6]
    by_hand = "UPDATE autonomous_operations_audit SET detail = NULL, salt = NULL WHERE seq = 6"
    with pytest.raises(DatabaseError, match="never changed"):
        tamper(database, by_hand, guarded=True)
    tamper(database, by_hand)
    found = await verified(database, customer)
    assert (found.first_broken, found.because) == (6, "its detail was removed without an erasure record")


@pytest.mark.parametrize("seqs", ["1", "4", "5"])
async def test_a_detail_that_no_erasure_names_is_missed(
    database: Database, customer: UUID, clock: Clock, seqs: str
) -> None:
    """Also one that was nulled later, outside the range that was erased."""
    if seqs != "1":
        erase = partial(
            audit_log.erase_details, customer_id=customer, up_to=3, because="old", actor="system", at=clock.now()
        )
        await database.run(customer, erase)
    nulled = f"UPDATE autonomous_operations_audit SET detail = NULL, salt = NULL WHERE seq = {seqs}"
    tamper(database, nulled, guarded=True)
    found = await verified(database, customer)
    assert (found.first_broken, found.because) == (int(seqs), "its detail was removed without an erasure record")


async def test_only_what_is_older_counts_as_erasable(database: Database, customer: UUID, clock: MovedClock) -> None:
    clock.move(timedelta(days=1))
    await database.run(customer, partial(audit_log.record, customer_id=customer, event=SOMETHING, at=clock.now()))
    look = partial(audit_log.erasable, customer_id=customer, before=clock.now())
    assert await database.read(customer, look) == Erased(details=5, up_to=5)
    assert await database.read(customer, partial(audit_log.erasable, customer_id=customer)) == Erased(6, 6)


async def test_halves_of_characters_and_nul_are_recorded_as_what_they_are_not(
    database: Database, customer: UUID, clock: Clock
) -> None:
    """A page may show them; no entry is lost, and no run fails, because of that."""
    event = AuditEvent(AuditAction.STEP_CONCLUDED, "agent", detail={"seen": "tea \ud83d|\ud83c\udf75|\0"})
    await database.run(customer, partial(audit_log.record, customer_id=customer, event=event, at=clock.now()))
    assert (await database.read(customer, audit_log.read))[0].detail == {"seen": "tea \ufffd|\U0001f375|\ufffd"}
    assert (await verified(database, customer)).intact


async def test_writers_at_once_leave_no_gap(database: Database, customer: UUID, clock: Clock) -> None:
    write = partial(audit_log.record, customer_id=customer, event=SOMETHING, at=clock.now())
    numbers = await asyncio.gather(*(database.run(customer, write) for _ in range(20)))
    assert sorted(numbers) == list(range(6, 26))
    assert await verified(database, customer) == Verification(intact=True, events=25, unanchored=25)
