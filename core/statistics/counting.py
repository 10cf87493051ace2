"""What the database counts of setups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from core.database.session import CustomerSession
from core.database.states import KEEPS_UP, OperationStatus, StepState
from core.database.tables import OperationRow, StepRow

USUAL_OF = 200  # setups; what took longer ago says little about how long it takes now
FINISHED = (OperationStatus.COMPLETED.value, OperationStatus.FAILED.value)  # a stopped one says nothing of success


@dataclass(frozen=True)
class Counted:
    """What the database counted."""

    outcomes: Sequence[Any]  # day, service, status, code, runs
    times: Sequence[Any]  # started_at, finished_at of what succeeded
    deciders: Sequence[Any]  # rung, steps
    finished_before: int


def count(session: CustomerSession, since: datetime, before: datetime) -> Counted:
    """Everything that is counted, in one transaction."""
    ended_at, status = col(OperationRow.finished_at), col(OperationRow.status)
    is_setup = col(OperationRow.operation).not_in(KEEPS_UP)  # what is done every hour would outnumber all else
    day = _day(session, ended_at)
    outcome = (day, col(OperationRow.service), status, col(OperationRow.failure_code))
    of_these = (is_setup, status.in_(FINISHED), ended_at >= since)
    succeeded = (is_setup, status == OperationStatus.COMPLETED.value, ended_at >= since)
    rung = col(StepRow.decided_by)
    decided = (
        col(StepRow.state) == StepState.DONE.value,
        col(StepRow.finished_at) >= since,
        rung.is_not(None),
    )
    earlier = select(func.count(col(OperationRow.id))).where(
        is_setup, status.in_(FINISHED), ended_at >= before, ended_at < since
    )
    return Counted(
        outcomes=session.execute(select(*outcome, func.count()).where(*of_these).group_by(*outcome)).all(),
        times=session.execute(select(col(OperationRow.started_at), ended_at).where(*succeeded)).all(),
        deciders=session.execute(select(rung, func.count()).where(*decided).group_by(rung)).all(),
        finished_before=session.execute(earlier).scalar_one(),
    )


def rests(service: str, operation: str, session: CustomerSession) -> Sequence[Any]:
    """Operation, position, beginning of the step and end of the operation, of the latest that succeeded."""
    latest = (
        select(col(OperationRow.id))
        .where(
            col(OperationRow.service) == service,
            col(OperationRow.operation) == operation,
            col(OperationRow.status) == OperationStatus.COMPLETED.value,
        )
        .order_by(col(OperationRow.finished_at).desc())
        .limit(USUAL_OF)
    )
    steps = (
        select(col(OperationRow.id), col(StepRow.position), col(StepRow.started_at), col(OperationRow.finished_at))
        .join(OperationRow, col(OperationRow.id) == col(StepRow.operation_id))
        .where(col(OperationRow.id).in_(latest), col(StepRow.started_at).is_not(None))
    )
    return session.execute(steps).all()


def _day(session: CustomerSession, moment: Any) -> Any:
    """The UTC day of a moment as text; PostgreSQL would take the server's time zone if it were not told."""
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d", moment)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD")
