"""Whose chains there are: whoever cuts a customer out of one place is known by another."""

from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession, Database
from core.database.tables import AuditCheckpointRow, AuditHead, AuditRow, Customer
from core.security.audit.checkpoint_file import Outside


async def every_stream(database: Database, outside: Outside) -> tuple[UUID, ...]:
    """Every customer, and whoever has a head, entries or checkpoints, in the database or outside."""
    named = await database.read_across_customers(_in_the_database, because="every chain is verified")
    return tuple(sorted(named | {UUID(stream) for stream in outside.of_stream}))


def _in_the_database(session: CustomerSession) -> frozenset[UUID]:
    found = set(session.exec(select(Customer.id)))
    for owner in (AuditHead.customer_id, AuditRow.customer_id, AuditCheckpointRow.customer_id):
        found |= set(session.exec(select(col(owner)).distinct()))
    return frozenset(found)
