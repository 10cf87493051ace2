"""What the database counts of setups: it groups and sorts, so that no setup and no step leaves it one by one.

All of it is read from one index (`ix_operations_ended`), which holds what is counted and nothing wide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, and_, func, select
from sqlmodel import col

from core.database.columns import storable
from core.database.session import CustomerSession
from core.database.states import KEEPS_UP, OperationStatus
from core.database.tables import Customer, OperationRow, StepRow
from core.security.people.customer_list import called
from core.statistics.asked import Asked
from core.statistics.percentiles import Percentiles, percentiles

USUAL_OF = 200  # setups; what took longer ago says little about how long it takes now
FINISHED = (OperationStatus.COMPLETED.value, OperationStatus.FAILED.value)  # a stopped one says nothing of success
ENDED = (*FINISHED, OperationStatus.CANCELLED.value)  # but what it cost, it cost


@dataclass(frozen=True)
class Counted:
    """What the database counted.

    `outcomes` are day, service, status, code, workflow, version, rung, runs, seconds, cost in millionths of a dollar.
    """

    outcomes: Sequence[Any]
    percentiles: Percentiles
    deciders: Mapping[str, int]
    finished_before: int


def count(session: CustomerSession, asked: Asked, since: datetime, before: datetime) -> Counted:
    """Everything that is counted, in one transaction; `finished_before` is of the time from `before` to `since`."""
    return Counted(
        outcomes=outcomes(session, asked, since),
        percentiles=percentiles(session, _ended(session, asked, since)),
        deciders=_deciders(session, asked, since),
        finished_before=_finished(session, asked, before, since),
    )


def outcomes(session: CustomerSession, asked: Asked, since: datetime) -> Sequence[Any]:
    """What ended, grouped by all that it is told by."""
    ended = _ended(session, asked, since).c
    by = (ended.day, ended.service, ended.status, ended.code, ended.workflow_id, ended.workflow_version, ended.rung)
    sums = (func.count(), func.coalesce(func.sum(ended.seconds), 0), func.sum(ended.millionths))
    return session.execute(select(*by, *sums).group_by(*by).order_by(*by)).all()


def rests(service: str, operation: str, session: CustomerSession) -> Sequence[Any]:
    """Operation, position, beginning of the step and end of the operation, of the latest that succeeded."""
    latest = (
        select(col(OperationRow.customer_id), col(OperationRow.id), col(OperationRow.finished_at))
        .where(
            col(OperationRow.service) == service,
            col(OperationRow.operation) == operation,
            col(OperationRow.status) == OperationStatus.COMPLETED.value,
        )
        .order_by(col(OperationRow.finished_at).desc())
        .limit(USUAL_OF)
        .subquery("latest")
    )
    # By the whole key of a step: by the operation alone, a million steps would be looked through.
    theirs = and_(col(StepRow.customer_id) == latest.c.customer_id, col(StepRow.operation_id) == latest.c.id)
    steps = (
        select(latest.c.id, col(StepRow.position), col(StepRow.started_at), latest.c.finished_at)
        .join_from(latest, StepRow, theirs)
        .where(col(StepRow.started_at).is_not(None))
    )
    return session.execute(steps).all()


def _ended(session: CustomerSession, asked: Asked, since: datetime) -> CTE:
    """The setups that are asked about, each as short as can be."""
    ended_at = col(OperationRow.finished_at)
    columns: tuple[Any, ...] = (
        _day(session, ended_at).label("day"),
        col(OperationRow.service).label("service"),
        col(OperationRow.status).label("status"),
        col(OperationRow.failure_code).label("code"),
        col(OperationRow.workflow_id).label("workflow_id"),
        col(OperationRow.workflow_version).label("workflow_version"),
        col(OperationRow.furthest_rung).label("rung"),
        col(OperationRow.took_seconds).label("seconds"),
        col(OperationRow.model_millionths).label("millionths"),
    )
    return select(*columns).where(*_of(asked, ENDED), ended_at >= since).cte("ended")


def _of(asked: Asked, statuses: Sequence[str]) -> tuple[Any, ...]:
    """What is counted at all, and of that what is asked about."""
    conditions: list[Any] = [col(OperationRow.operation).not_in(KEEPS_UP), col(OperationRow.status).in_(statuses)]
    if asked.service:
        conditions.append(col(OperationRow.service) == storable(asked.service))
    if asked.customer:
        conditions.append(col(OperationRow.customer_id).in_(select(col(Customer.id)).where(called(asked.customer))))
    return tuple(conditions)


def _deciders(session: CustomerSession, asked: Asked, since: datetime) -> dict[str, int]:
    """How many steps each rung decided. Most setups are alike, so there are few different counts to add up."""
    told = col(OperationRow.decided_steps)
    conditions = (*_of(asked, FINISHED), col(OperationRow.finished_at) >= since, told.is_not(None))
    steps: dict[str, int] = {}
    for counted, runs in session.execute(select(told, func.count()).where(*conditions).group_by(told)):
        for rung, number in dict(counted).items():
            steps[rung] = steps.get(rung, 0) + number * runs
    return steps


def _finished(session: CustomerSession, asked: Asked, since: datetime, until: datetime) -> int:
    ended_at = col(OperationRow.finished_at)
    conditions = (*_of(asked, FINISHED), ended_at >= since, ended_at < until)
    return int(session.execute(select(func.count(col(OperationRow.customer_id))).where(*conditions)).scalar_one())


def _day(session: CustomerSession, moment: Any) -> Any:
    """The UTC day of a moment as text; PostgreSQL would take the server's time zone if it were not told."""
    if session.get_bind().dialect.name == "sqlite":
        return func.substr(moment, 1, 10)  # as it is stored, and a tenth of what strftime takes
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD")
