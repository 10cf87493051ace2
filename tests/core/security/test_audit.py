"""The chain tells whether anybody changed, removed or added what was recorded."""

import asyncio
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.clock import Clock
from core.database.session import Database
from core.security import audit
from core.security.audit import AuditAction, AuditEvent, Verification
from core.security.people import People
from tests.postgres import as_owner

SOMETHING = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", detail={"products": 47, "shop": "https://tea.example"})


@pytest.fixture
async def customer(database: Database, clock: Clock) -> UUID:
    customer_id = await People(database, clock).add_customer("Tea Shop")
    for _ in range(5):
        await database.run(customer_id, partial(audit.record, customer_id=customer_id, event=SOMETHING, at=clock.now()))
    return customer_id


async def verified(database: Database, customer_id: UUID) -> Verification:
    return await database.read(customer_id, lambda session: audit.verify(session, customer_id))


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
    assert await verified(database, customer) == Verification(intact=True, events=5)


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
    assert await verified(database, customer) == Verification(intact=False, events=3, first_broken=3, because=because)


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


async def test_an_erased_detail_leaves_the_chain_whole(database: Database, customer: UUID) -> None:
    erase = "UPDATE autonomous_operations_audit SET detail = NULL, salt = NULL WHERE seq = 2"
    tamper(database, erase, guarded=True)
    assert await verified(database, customer) == Verification(intact=True, events=5)


async def test_writers_at_once_leave_no_gap(database: Database, customer: UUID, clock: Clock) -> None:
    write = partial(audit.record, customer_id=customer, event=SOMETHING, at=clock.now())
    numbers = await asyncio.gather(*(database.run(customer, write) for _ in range(20)))
    assert sorted(numbers) == list(range(6, 26))
    assert await verified(database, customer) == Verification(intact=True, events=25)
