"""Who may write to a running operation: a claim raises its fence and takes a lease; every later write carries the fence.

A run that waits for a person keeps its lease. An operation that waits for its owner's approval has none. With every
write goes what the run has spent on the model by then, so that nobody has to think of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col

from core.database.changed import changed_one
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import CoreError
from core.planner.spending import Purse, Spent, may_not_ask

LEASE = timedelta(seconds=16)  # a database that is away for ten costs no run, and another worker has it within twenty
RENEW_EVERY = timedelta(seconds=3)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
MOST_ATTEMPTS = 5  # times a worker may die on one operation before it counts as failed


Write = Callable[[CustomerSession, "Lease"], bool]


class LeaseLost(CoreError):
    """Another worker has taken this operation over, or it was stopped."""

    code: ClassVar[str] = "lease_lost"


def moment() -> float:
    """Seconds on a clock that nobody sets back; on Linux it also goes on while the machine is suspended."""
    return time.clock_gettime(CLOCK)


class Hold:
    """Until when a lease surely holds, by this process's own clock: one that was stopped, and woken, sees it run out.

    It is read before the moment is taken that the table is told: so the lease never runs out later here than there.
    """

    def __init__(self, began: float | None = None) -> None:
        self._until = (moment() if began is None else began) + LEASE.total_seconds()

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have taken the operation over yet."""
        return moment() < self._until

    def renewed(self, began: float) -> None:
        """The lease was renewed by a transaction that began at this `moment`."""
        self._until = max(self._until, began + LEASE.total_seconds())


@dataclass(frozen=True)
class Lease:
    """The right to write to one operation, until somebody raises its fence; and its money for the model.

    Every agent that works under the lease pays out of this purse, the one that cleans up too.
    """

    customer_id: UUID
    operation_id: UUID
    fence: int
    attempt: int
    purse: Purse = field(compare=False, repr=False)
    hold: Hold = field(default_factory=Hold, compare=False, repr=False)

    @classmethod
    def of(cls, row: OperationRow) -> Self:
        """That of an operation as it stands; what earlier attempts have spent is spent."""
        spent = Spent(row.model_calls, row.model_tokens, row.model_millionths)
        return cls(row.customer_id, row.id, row.fence, row.attempt, Purse(spent=spent, may_ask=may_not_ask))


def claim(session: CustomerSession, operation_id: UUID, owner: str, now: datetime) -> Lease | None:
    """Take a pending operation, or one whose worker has gone silent; None if somebody else has it."""
    values = {
        "status": OperationStatus.IN_PROGRESS.value,
        "fence": OperationRow.fence + 1,
        "attempt": OperationRow.attempt + 1,
        "lease_owner": owner,
        "lease_until": now + LEASE,
    }
    if not _update(session, operation_id, is_free(now), values):
        return None
    row = row_of(session, operation_id)
    row.started_at = row.started_at or now
    return Lease.of(row)


def write(session: CustomerSession, lease: Lease, **values: Any) -> None:
    """Write to the operation while the lease is held. Raises LeaseLost."""
    _write_while(_leased(), session, lease, values)


def begin_to_wait(session: CustomerSession, lease: Lease, now: datetime) -> None:
    """Let a run that is under way wait for a person; the lease is kept. Raises LeaseLost."""
    under_way = col(OperationRow.status) == OperationStatus.IN_PROGRESS.value
    values = {"status": OperationStatus.AWAITING_INPUT.value, "lease_until": now + LEASE}
    _write_while(under_way, session, lease, values)


def go_on(session: CustomerSession, lease: Lease, now: datetime) -> None:
    """Let a run that waits for a person go on. Raises LeaseLost, also if it does not wait any more."""
    waits = and_(col(OperationRow.status) == OperationStatus.AWAITING_INPUT.value, _leased())
    values = {"status": OperationStatus.IN_PROGRESS.value, "lease_until": now + LEASE}
    _write_while(waits, session, lease, values)


def renew(session: CustomerSession, lease: Lease, now: datetime) -> None:
    """Keep the operation for another while. Raises LeaseLost."""
    write(session, lease, lease_until=now + LEASE)


def give_back(session: CustomerSession, lease: Lease) -> bool:
    """Let another worker go on with it; the attempt does not count. Raises LeaseLost."""
    write(
        session,
        lease,
        status=OperationStatus.PENDING.value,
        attempt=lease.attempt - 1,
        lease_owner=None,
        lease_until=None,
    )
    return True


def give_up(session: CustomerSession, lease: Lease) -> bool:
    """Let another worker, or this one, go on with what database or browser went away under; the attempt counts.

    Raises LeaseLost.
    """
    write(session, lease, status=OperationStatus.PENDING.value, lease_owner=None, lease_until=None)
    return True


def write_spent(session: CustomerSession, lease: Lease) -> bool:
    """Write what was spent on an operation that was ended meanwhile; False if somebody else has taken it over."""
    return _update(session, lease.operation_id, col(OperationRow.fence) == lease.fence, _spent(lease))


def free_all(session: CustomerSession) -> None:
    """Count every lease as lost."""
    held = update(OperationRow).where(_leased())
    session.execute(held.values(lease_until=LONG_AGO), execution_options={"synchronize_session": False})


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody has it: it waits, or its worker has gone silent."""
    abandoned = and_(_leased(), col(OperationRow.lease_until) < now)
    its_time = or_(col(OperationRow.not_before).is_(None), col(OperationRow.not_before) <= now)
    return or_(and_(col(OperationRow.status) == OperationStatus.PENDING.value, its_time), abandoned)


def is_held(now: datetime) -> ColumnElement[bool]:
    """Whether a worker has it that is heard of."""
    return and_(_leased(), col(OperationRow.lease_until) >= now)


def _leased() -> ColumnElement[bool]:
    """Whether it is where a worker may have it; what waits for its owner has no lease, and is nobody's."""
    waits_for_a_person = and_(
        col(OperationRow.status) == OperationStatus.AWAITING_INPUT.value, col(OperationRow.lease_owner).is_not(None)
    )
    return or_(col(OperationRow.status) == OperationStatus.IN_PROGRESS.value, waits_for_a_person)


def _write_while(
    condition: ColumnElement[bool], session: CustomerSession, lease: Lease, values: dict[str, Any]
) -> None:
    """Write if the operation stands like this, and nobody has raised the fence. Raises LeaseLost."""
    held = and_(col(OperationRow.fence) == lease.fence, condition)
    if not _update(session, lease.operation_id, held, _spent(lease) | values):
        raise LeaseLost


def _spent(lease: Lease) -> dict[str, Any]:
    spent = lease.purse.spent
    return {"model_calls": spent.calls, "model_tokens": spent.tokens, "model_millionths": spent.millionths}


def _update(
    session: CustomerSession, operation_id: UUID, condition: ColumnElement[bool], values: dict[str, Any]
) -> bool:
    return changed_one(session, update(OperationRow).where(col(OperationRow.id) == operation_id, condition), values)


def row_of(session: CustomerSession, operation_id: UUID, *, for_update: bool = False) -> OperationRow:
    """The operation as it stands now, kept from changing until this ends if it is to be. Raises LeaseLost if there is none."""
    key = (session.customer_id, operation_id)
    row = session.get(OperationRow, key, populate_existing=True, with_for_update=for_update or None)
    if row is None:
        raise LeaseLost
    return row
