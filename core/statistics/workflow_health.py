"""How the learnt workflows fare: with which version of a service each was last green, and how often it is lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import col

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import ChangeState, OperationStatus
from core.database.tables import OperationRow, WorkflowChangeRow
from core.security.people.authorize import Action, authorize
from core.security.people.visitor import Visitor
from core.statistics.counting import FINISHED

LATELY = timedelta(days=30)
AS_LEARNT = ("code", "recorded")  # what such a rung decides was not healed


@dataclass(frozen=True)
class WorkflowLine:
    """A workflow at one version of its service, which is None if the service tells none.

    `last_green` is when it last succeeded, None if it never has. `succeeded`, `failed` and the steps that were `healed`
    are of the last thirty days; `proposals` are the changes of the workflow that nobody has decided on, at any version.
    """

    workflow_id: str
    service_version: str | None
    last_green: datetime | None
    succeeded: int
    failed: int
    healed: int
    proposals: int


class WorkflowHealth:
    """Counts over all customers, for staff."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def lines(self, visitor: Visitor) -> tuple[WorkflowLine, ...]:
        """By workflow; of each, the version that was seen last comes first. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        read = partial(_lines, since=self._clock.now() - LATELY)
        return await self._database.read_across_customers(read, because="staff look how the learnt workflows fare")


def _lines(session: CustomerSession, since: datetime) -> tuple[WorkflowLine, ...]:
    healed, proposals = _healed(session, since), _proposals(session)
    found = [
        WorkflowLine(
            workflow_id=str(workflow_id),
            service_version=version,
            last_green=green,
            succeeded=int(good),
            failed=int(bad),
            healed=healed.get((workflow_id, version), 0),
            proposals=proposals.get(workflow_id, 0),
        )
        for workflow_id, version, green, good, bad in _runs(session, since)
    ]
    return tuple(found)


def _runs(session: CustomerSession, since: datetime) -> Sequence[Any]:
    workflow, version = col(OperationRow.workflow_id), col(OperationRow.service_version)
    status, ended_at = col(OperationRow.status), col(OperationRow.finished_at)
    good = status == OperationStatus.COMPLETED.value
    counts = [func.count(case((one & (ended_at >= since), 1))) for one in (good, ~good)]
    return session.execute(
        select(workflow, version, func.max(case((good, ended_at))), *counts)
        .where(workflow.is_not(None), status.in_(FINISHED))
        .group_by(workflow, version)
        .order_by(workflow, func.max(ended_at).desc())
    ).all()


def _healed(session: CustomerSession, since: datetime) -> dict[tuple[Any, Any], int]:
    """Steps that something else had to decide than what was learnt first, by workflow and version."""
    by = (col(OperationRow.workflow_id), col(OperationRow.service_version), col(OperationRow.decided_steps))
    finished = col(OperationRow.status).in_(FINISHED)
    lately = (by[0].is_not(None), finished, col(OperationRow.finished_at) >= since, by[2].is_not(None))
    steps: dict[tuple[Any, Any], int] = {}
    for workflow_id, version, decided, runs in session.execute(select(*by, func.count()).where(*lately).group_by(*by)):
        number = sum(steps_of for rung, steps_of in dict(decided).items() if rung not in AS_LEARNT)
        steps[workflow_id, version] = steps.get((workflow_id, version), 0) + number * runs
    return steps


def _proposals(session: CustomerSession) -> dict[str, int]:
    workflow = col(WorkflowChangeRow.workflow_id)
    proposed = col(WorkflowChangeRow.state) == ChangeState.PROPOSED.value
    rows = session.execute(select(workflow, func.count()).where(proposed).group_by(workflow))
    return {str(name): int(number) for name, number in rows}
