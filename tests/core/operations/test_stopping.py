"""A stop reaches whoever has the operation, shuts the way out first, and is never forgotten."""

import asyncio

from core.agents.agent import AgentResult, StepFailed
from core.database.states import OperationStatus
from core.operations import lease as leases
from core.operations.lease import Lease
from tests.core.operations.house import House
from tests.core.operations.runs import begun, worker_of
from tests.fakes.agents import FakeAgents, Held, raising

S = OperationStatus


async def test_a_stop_shuts_the_way_out_then_ends_the_work(cottage: House) -> None:
    deed = Held()
    agents = FakeAgents(deed)
    worker = worker_of(cottage, agents)
    running, operation_id = await begun(worker, cottage, deed)
    await worker.stop(operation_id, because="not today")
    await running
    row = await cottage.row(operation_id)
    assert (row.status, row.failure_code, row.failure_sentence) == (S.CANCELLED, "stopped", "not today")
    assert agents.happened == ["built", "shut: not today", "given back"]
    assert deed.ended == "cancelled"
    await worker.stop(operation_id, because="again")


async def test_a_stop_wins_over_how_the_agent_fails_of_it(cottage: House) -> None:
    held = Held()

    async def fail_when_stopped(lease: Lease) -> AgentResult:
        try:
            return await held(lease)
        except asyncio.CancelledError:
            raise StepFailed("page_not_recognised", "The page is gone.") from None

    worker = worker_of(cottage, FakeAgents(fail_when_stopped))
    running, operation_id = await begun(worker, cottage, held)
    await worker.stop(operation_id, because="not today")
    await running
    row = await cottage.row(operation_id)
    assert (row.status, row.failure_sentence) == (S.CANCELLED, "not today")


async def test_a_stop_that_was_asked_of_a_worker_that_died_is_heard_by_the_next(home: House) -> None:
    lease = await home.claimed()
    await home.operations.cancel(home.visitor, lease.operation_id, because="not today")
    home.clock.move(2 * leases.LEASE)
    agents = FakeAgents(raising(AssertionError("it was stopped")))
    await worker_of(home, agents).run(home.visitor.customer_id, lease.operation_id)
    row = await home.row(lease.operation_id)
    assert (row.status, row.failure_sentence, agents.happened) == (S.CANCELLED, "not today", [])
