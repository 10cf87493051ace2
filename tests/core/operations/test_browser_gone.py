"""A run whose browser went away is attempted anew, as one whose worker died; and who may nothing any more removes nothing either."""

import asyncio

import pytest

from core.agents.agent import AgentResult, StepFailed
from core.browser.page import RunStopped
from core.database.states import OperationStatus
from core.operations.lease import MOST_ATTEMPTS, Lease
from core.security.audit.audit_log import AuditAction
from tests.core.operations.house import House
from tests.core.operations.runs import made_something, run_one, worker_of
from tests.fakes.agents import RESULT, FakeAgents, Held, raising
from tests.fakes.integration import what_is_left

S = OperationStatus
GONE = RunStopped(because="The page was closed.")
FAILED = raising(StepFailed("x", "It failed."))


def goes_away(times: int) -> FakeAgents:
    """Agents whose browsers go away so often, and then no more."""
    left = [GONE] * times

    async def deed(lease: Lease) -> AgentResult:
        if left:
            raise left.pop()
        return RESULT

    return FakeAgents(deed)


async def test_it_is_attempted_anew_at_once_and_every_attempt_is_recorded(home: House) -> None:
    asked = await home.pending()
    await worker_of(home, goes_away(2)).run_free()
    row = await home.row(asked.id)
    assert (row.status, row.attempt, row.fence) == (S.COMPLETED, 3, 3)
    assert (await home.actions()).count(AuditAction.OPERATION_RESUMED) == 2


async def test_it_goes_away_so_often_and_no_oftener(cottage: House) -> None:
    asked = await cottage.pending()
    await worker_of(cottage, goes_away(MOST_ATTEMPTS)).run_free()
    row = await cottage.row(asked.id)
    assert (row.status, row.attempt, row.failure_code) == (S.FAILED, MOST_ATTEMPTS, "run_stopped")
    assert row.failure_sentence == "The browser of this run was shut. The page was closed."


async def test_what_was_stopped_is_not_attempted_anew(cottage: House) -> None:
    held, asked = Held(), await cottage.pending()

    async def goes_away_when_stopped(lease: Lease) -> AgentResult:
        try:
            return await held(lease)
        except asyncio.CancelledError:
            raise GONE from None

    worker = worker_of(cottage, FakeAgents(goes_away_when_stopped))
    running = asyncio.get_running_loop().create_task(worker.run_free())
    await held.until_begun()
    await worker.stop(asked.id, because="not today")
    await running
    row = await cottage.row(asked.id)
    assert (row.status, row.failure_sentence, row.fence) == (S.CANCELLED, "not today", 1)


async def test_what_was_ended_meanwhile_is_let_go_of_at_once(cottage: House) -> None:
    async def ended_meanwhile(lease: Lease) -> AgentResult:
        await cottage.put(lease.operation_id, status=S.CANCELLED, lease_owner=None, lease_until=None)
        raise GONE

    async with asyncio.timeout(5):
        assert (await run_one(cottage, FakeAgents(ended_meanwhile))).status == S.CANCELLED


@pytest.mark.parametrize(("before", "status"), [(0, S.PENDING), (MOST_ATTEMPTS - 1, S.FAILED)])
async def test_what_goes_away_while_it_cleans_up_is_taken_up_again_or_named(
    cottage: House, before: int, status: OperationStatus
) -> None:
    row = await run_one(cottage, FakeAgents(FAILED, raising(GONE)), made=True, attempt=before)
    assert row.status == status
    assert row.left_behind == (what_is_left(row.id) if status is S.FAILED else None)


async def test_a_stop_lets_it_clean_up_and_a_withdrawal_shuts_its_way_out(cottage: House) -> None:
    held, asked = Held(), await cottage.pending()
    await made_something(cottage, asked.id)

    async def clean_up(lease: Lease) -> str:
        await held(lease)
        return ""

    agents = FakeAgents(FAILED, clean_up)
    worker = worker_of(cottage, agents)
    running = asyncio.get_running_loop().create_task(worker.run(cottage.visitor.customer_id, asked.id))
    await held.until_begun()
    await worker.stop(asked.id, because="not today")
    assert not [one for one in agents.happened if one.startswith("shut")]
    given = await cottage.given()
    await cottage.consents.revoke(cottage.visitor, given.id, because="enough")
    worker.look(asked.id)
    async with asyncio.timeout(5):
        await agents.until_shut()
    held.let_go.set()
    await running
    row = await cottage.row(asked.id)
    assert (row.status, row.left_behind) == (S.CANCELLED, what_is_left(asked.id))
