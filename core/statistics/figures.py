"""What whoever watches the service is told of all customers together: numbers, and never whose.

What stands now is read by indexes. What has come together takes a walk through whole tables, so it is read apart, and
less often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text
from sqlmodel import col

from core.database.session import CustomerSession
from core.database.states import OPEN, ApprovalEnding, OperationStatus
from core.database.tables import AuditHead, AuditRow, ConsentRow, OperationRow, OwnerApprovalRow, ProductRow, StepRow
from core.database.tables.audit import ENDS, IS_END
from core.database.tables.operations import IS_OPEN

# Milliseconds; then PostgreSQL itself gives it up, whoever still waits.
PRESENT_WITHIN = 2_500
TOTALS_WITHIN = 30_000
FINISHED = tuple(status for status in OperationStatus if status not in OPEN)


@dataclass(frozen=True)
class Present:
    """How it stands now. `finished` is counted from the audit trail, of which nothing is ever deleted: it never falls.

    `oldest_waiting` is in seconds since it might have begun, None if nothing waits; `workers` are those that hold a lease.
    """

    open: Mapping[str, int]
    running: int
    lease_run_out: int
    workers: int
    oldest_waiting: float | None
    finished: Mapping[str, int]
    chains: int
    chains_broken: int


@dataclass(frozen=True)
class Totals:
    """What the database holds. Of a customer who is deleted it holds nothing any more: these numbers may fall."""

    finished: Mapping[str, int]
    steps: Mapping[str, int]
    model_calls: int
    model_tokens: int
    model_millionths: int
    consents: int
    products: int


def present(session: CustomerSession, now: datetime) -> Present:
    """How all operations stand now, in three statements that each read an index."""
    _give_up_after(session, PRESENT_WITHIN)
    status, until = col(OperationRow.status), col(OperationRow.lease_until)
    leased = and_(
        status.in_((OperationStatus.IN_PROGRESS.value, OperationStatus.AWAITING_INPUT.value)),
        col(OperationRow.lease_owner).is_not(None),
    )
    of_waiting = case((status == OperationStatus.PENDING.value, may_begin_since()))
    rows = session.execute(
        select(
            status,
            func.count(),
            func.count(case((leased, 1))),
            func.count(case((and_(leased, until < now), 1))),
            func.min(of_waiting),
        )
        .where(text(IS_OPEN))  # as the index has it: the same words, and no parameters
        .group_by(status)
    ).all()
    alive = select(func.count(func.distinct(col(OperationRow.lease_owner)))).where(text(IS_OPEN), leased, until >= now)
    ends = select(col(AuditRow.action), func.count()).where(text(IS_END)).group_by(col(AuditRow.action))
    finished = {str(action): int(number) for action, number in session.execute(ends)}
    broken = func.count(col(AuditHead.broken_because))
    chains, chains_broken = session.execute(select(func.count(), broken).select_from(AuditHead)).one()
    oldest = next((since for name, *_, since in rows if name == OperationStatus.PENDING.value), None)
    return Present(
        open={one.value: next((int(row[1]) for row in rows if row[0] == one.value), 0) for one in OPEN},
        running=sum(int(row[2]) for row in rows),
        lease_run_out=sum(int(row[3]) for row in rows),
        workers=int(session.execute(alive).scalar_one()),
        oldest_waiting=max(0.0, (now - oldest).total_seconds()) if oldest else None,
        finished={outcome: finished.get(action, 0) for outcome, action in ENDS.items()},
        chains=int(chains),
        chains_broken=int(chains_broken),
    )


def totals(session: CustomerSession, now: datetime) -> Totals:
    """What has come together, from whole tables: 0.1 s on PostgreSQL and 0.4 s on SQLite for 100,000 operations."""
    _give_up_after(session, TOTALS_WITHIN)
    status, rung = col(OperationRow.status), col(StepRow.decided_by)
    spent = [
        func.coalesce(func.sum(column), 0)
        for column in (OperationRow.model_calls, OperationRow.model_tokens, OperationRow.model_millionths)
    ]
    by_status: dict[str, Any] = {
        row[0]: row[1:] for row in session.execute(select(status, func.count(), *spent).group_by(status))
    }
    steps = select(rung, func.count()).where(rung.is_not(None)).group_by(rung)
    in_force = select(func.count()).where(col(ConsentRow.ended_at).is_(None), col(ConsentRow.expires_at) > now)
    return Totals(
        finished={one.value: int(by_status[one.value][0]) if one.value in by_status else 0 for one in FINISHED},
        steps={str(name): int(number) for name, number in session.execute(steps)},
        model_calls=sum(int(row[1]) for row in by_status.values()),
        model_tokens=sum(int(row[2]) for row in by_status.values()),
        model_millionths=sum(int(row[3]) for row in by_status.values()),
        consents=int(session.execute(in_force).scalar_one()),
        products=int(session.execute(select(func.count(col(ProductRow.id)))).scalar_one()),
    )


def may_begin_since() -> ColumnElement[datetime]:
    """Since when an operation might have begun: asked, consented to, approved if need be, and not before its time."""
    consent = (
        select(col(ConsentRow.granted_at))
        .where(
            col(ConsentRow.customer_id) == col(OperationRow.customer_id),
            col(ConsentRow.id) == col(OperationRow.consent_id),
        )
        .correlate(OperationRow)
        .scalar_subquery()
    )
    approval = (
        select(func.max(col(OwnerApprovalRow.ended_at)))
        .where(
            col(OwnerApprovalRow.customer_id) == col(OperationRow.customer_id),
            col(OwnerApprovalRow.operation_id) == col(OperationRow.id),
            col(OwnerApprovalRow.ending) == ApprovalEnding.GIVEN.value,
        )
        .correlate(OperationRow)
        .scalar_subquery()
    )
    asked_and_allowed = _later(_later(col(OperationRow.created_at), consent), approval)
    return _later(asked_and_allowed, col(OperationRow.not_before))


def waited(operation_id: UUID, session: CustomerSession) -> float | None:
    """Seconds from when this operation might have begun to when it did; None if it has not, or is gone."""
    begun = select(col(OperationRow.started_at), may_begin_since()).where(col(OperationRow.id) == operation_id)
    row = session.execute(begun).one_or_none()
    return max(0.0, (row[0] - row[1]).total_seconds()) if row and row[0] else None


def _later(one: Any, other: Any) -> ColumnElement[datetime]:
    return case((or_(other.is_(None), other <= one), one), else_=other)


def _give_up_after(session: CustomerSession, milliseconds: int) -> None:
    """What nobody waits for any more must not go on at the cost of others."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
