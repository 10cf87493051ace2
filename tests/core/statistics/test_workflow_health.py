"""How workflows fare is told by version of the service: when last green, how often lately, what was healed and proposed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.database.session import CustomerSession, Database
from core.database.states import ChangeState, OperationStatus
from core.database.tables import WorkflowChangeRow
from core.security.people.authorize import NotAllowed
from core.security.people.visitor import Visitor
from core.statistics.workflow_health import WorkflowHealth, WorkflowLine
from tests.core.statistics.test_statistics import NOW, History, somebody
from tests.fakes.clock import MovedClock

COMPLETED, FAILED, CANCELLED = OperationStatus.COMPLETED, OperationStatus.FAILED, OperationStatus.CANCELLED
OLD, NEW = "WooCommerce 10.4.2", "WooCommerce 11.0.1"


def told(database: Database) -> WorkflowHealth:
    return WorkflowHealth(database, MovedClock(NOW))


async def test_a_workflow_has_a_line_for_each_version_of_its_service_the_one_seen_last_first(
    database: Database,
) -> None:
    me, other, staff = [await somebody(database, is_staff=is_staff) for is_staff in (False, False, True)]
    history = History(database)
    ours: dict[str, Any] = {"workflow_id": "make-a-key"}
    long_ago, lately = NOW - timedelta(days=90), NOW - timedelta(days=2)
    await history.add(me, COMPLETED, ended=long_ago, rungs=("likeness",), service_version=OLD, **ours)
    await history.add(me, FAILED, ended=lately, service_version=OLD, **ours)
    await history.add(other, COMPLETED, rungs=("recorded", "likeness", "model"), service_version=NEW, **ours)
    await history.add(other, FAILED, service_version=NEW, **ours)
    await history.add(other, CANCELLED, rungs=("recorded", "likeness"), service_version=NEW, **ours)
    await history.add(me, FAILED, workflow_id="another")
    await history.add(me, COMPLETED)  # before it was recorded what ran
    await propose(database, me, await history.add(me, FAILED, service_version=NEW, **ours))

    assert await told(database).lines(staff) == (
        WorkflowLine("another", None, None, 0, 1, 0, 0),
        WorkflowLine("make-a-key", NEW, NOW, 1, 2, 2, 1),
        WorkflowLine("make-a-key", OLD, long_ago, 0, 1, 0, 1),
    )


async def propose(database: Database, of: Visitor, operation_id: UUID) -> None:
    def use_case(session: CustomerSession) -> None:
        for state in (ChangeState.PROPOSED, ChangeState.REFUSED):
            session.add(
                WorkflowChangeRow(
                    customer_id=of.customer_id, operation_id=operation_id, position=1, workflow_id="make-a-key",
                    step_order=1, step_sha256="a", intent="Name it", rung="likeness", before=[], after=[],
                    after_sha256=uuid4().hex, created_at=NOW, state=state,
                )
            )  # fmt: skip

    await database.run(of.customer_id, use_case)


async def test_before_anything_has_run_there_is_no_line(database: Database) -> None:
    assert await told(database).lines(await somebody(database, is_staff=True)) == ()


async def test_it_is_for_staff_alone(database: Database) -> None:
    with pytest.raises(NotAllowed):
        await told(database).lines(await somebody(database))
