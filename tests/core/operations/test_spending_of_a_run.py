"""What a run spends on the model is told however the run ends, and no agent of it begins with a full purse again."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from core.agents.agent import AgentResult, StepFailed
from core.database.states import OperationStatus
from core.operations import lease as leases
from core.operations.lease import Lease
from core.operations.views import ModelUse
from core.planner.spending import Spent
from tests.core.operations.house import House
from tests.core.operations.runs import begun, run_one, worker_of
from tests.fakes.agents import RESULT, FakeAgents, Held

S = OperationStatus
ONE = Spent(1, 2_000, 4_000)


class Thinking(Held):
    """A deed that asks the model, and pays for the question also when it is stopped meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.spent_before: list[Spent] = []

    async def __call__(self, lease: Lease) -> AgentResult:
        self.spent_before.append(lease.purse.spent)
        try:
            return await super().__call__(lease)
        finally:
            lease.purse.pay(ONE)


async def told(house: House) -> ModelUse | None:
    """What people see of it."""
    (view,) = await house.operations.history(house.visitor)
    return view.model


async def test_what_was_asked_when_it_was_stopped_is_told(home: House) -> None:
    deed = Thinking()
    worker = worker_of(home, FakeAgents(deed))
    running, operation_id = await begun(worker, home, deed)
    assert await told(home) is None
    await worker.stop(operation_id, because="not today")
    await running
    assert (await home.row(operation_id)).status == S.CANCELLED
    assert await told(home) == ModelUse(1, 2_000, 0.004)


@pytest.mark.parametrize("ended", [S.COMPLETED, S.FAILED])
async def test_what_was_asked_last_is_told_with_the_ending(cottage: House, ended: OperationStatus) -> None:
    async def deed(lease: Lease) -> AgentResult:
        lease.purse.pay(ONE)
        if ended is S.FAILED:
            raise StepFailed("x", "It failed.")
        return RESULT

    assert (await run_one(cottage, FakeAgents(deed))).status == ended
    assert await told(cottage) == ModelUse(1, 2_000, 0.004)


async def test_who_goes_on_after_a_shutdown_pays_from_what_is_left(home: House) -> None:
    deed = Thinking()
    running, operation_id = await begun(worker_of(home, FakeAgents(deed)), home, deed)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert (await home.row(operation_id)).status == S.PENDING
    assert await told(home) == ModelUse(1, 2_000, 0.004)
    deed.let_go.set()
    await worker_of(home, FakeAgents(deed)).run(home.visitor.customer_id, operation_id)
    assert deed.spent_before == [Spent(), ONE]
    assert await told(home) == ModelUse(2, 4_000, 0.008)


async def test_who_cleans_up_pays_from_what_is_left(home: House) -> None:
    spent_before: list[Spent] = []

    async def deed(lease: Lease) -> AgentResult:
        lease.purse.pay(ONE)
        raise StepFailed("x", "It failed.")

    async def clean_up(lease: Lease) -> str:
        spent_before.append(lease.purse.spent)
        assert await told(home) == ModelUse(1, 2_000, 0.004)
        lease.purse.pay(ONE)
        return ""

    await run_one(home, FakeAgents(deed, clean_up), made=True)
    assert spent_before == [ONE]
    assert await told(home) == ModelUse(2, 4_000, 0.008)


async def test_what_was_asked_when_the_consent_was_withdrawn_is_told(home: House) -> None:
    deed = Thinking()
    worker = worker_of(home, FakeAgents(deed))
    running, operation_id = await begun(worker, home, deed)
    given = await home.given()
    await home.consents.revoke(home.visitor, given.id, because="enough")
    await worker.stop(operation_id, because="enough")
    await running
    assert (await home.row(operation_id)).status == S.CANCELLED
    assert await told(home) == ModelUse(1, 2_000, 0.004)


async def test_who_lost_the_operation_leaves_the_count_to_who_has_it(home: House) -> None:
    async def lose(lease: Lease) -> AgentResult:
        held = await home.take_over(lease)
        held.purse.pay(Spent(5, 500, 5_000))
        await home.run(partial(leases.renew, lease=held, now=home.clock.now()))
        lease.purse.pay(ONE)
        raise StepFailed("x", "It failed.")

    await run_one(home, FakeAgents(lose))
    assert await told(home) == ModelUse(5, 500, 0.005)
