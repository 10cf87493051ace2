"""How things stand this moment, as staff read it: who works on what, and how large the database has become."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlmodel import col

from core.database.between_processes import workers_connected
from core.database.session import CustomerSession
from core.database.tables import NotificationRow, OperationRow
from core.database.tables.notifications import IS_DUE
from core.database.tables.operations import IS_OPEN
from core.statistics.figures import Present, present


@dataclass(frozen=True)
class Working:
    """A worker that has operations: how many of which service, and until when its leases hold, the longest."""

    name: str
    service: str
    operations: int
    lease_until: datetime


@dataclass(frozen=True)
class Backlog:
    """What is to be told and was not yet: how much is due, and for how many seconds the longest has been."""

    due: int
    longest: float


@dataclass(frozen=True)
class Standing:
    """All operations as they stand, who works, what is to be told, and the bytes that the database takes.

    `connected` are the names of workers, with operations or without; None where there is but one process.
    """

    present: Present
    working: Sequence[Working]
    connected: Sequence[str] | None
    backlog: Backlog
    database_bytes: int


def standing(session: CustomerSession, now: datetime) -> Standing:
    """Read in one transaction, by indexes."""
    return Standing(
        present(session, now), _working(session), workers_connected(session), _backlog(session, now), _size(session)
    )


def _working(session: CustomerSession) -> tuple[Working, ...]:
    owner, service, until = col(OperationRow.lease_owner), col(OperationRow.service), col(OperationRow.lease_until)
    rows = session.execute(
        select(owner, service, func.count(), func.max(until))
        .where(text(IS_OPEN), owner.is_not(None), until.is_not(None))
        .group_by(owner, service)
        .order_by(owner, service)
    )
    return tuple(Working(str(name), str(of), int(number), last) for name, of, number, last in rows)


def _backlog(session: CustomerSession, now: datetime) -> Backlog:
    """What is being sent, or waits to be tried again, is not due."""
    due_since = col(NotificationRow.next_at)
    due, first = session.execute(
        select(func.count(), func.min(due_since))
        .select_from(NotificationRow)
        .where(IS_DUE, due_since <= now)  # as the index has it
    ).one()
    return Backlog(int(due), (now - first).total_seconds() if first else 0.0)


def _size(session: CustomerSession) -> int:
    if session.get_bind().dialect.name == "postgresql":
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, size = (session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(size)
