"""What a failed run made is removed by a fresh agent, once, by who has the operation; or it is named."""

import asyncio
from contextlib import suppress

import pytest

from core.agents.agent import AgentResult, StepFailed
from core.database.states import OperationStatus
from core.errors import Unavailable
from core.operations import attempt as attempt_module
from core.operations.lease import MOST_ATTEMPTS, Lease
from tests.core.operations.house import House
from tests.core.operations.runs import made_something, run_one, worker_of
from tests.fakes.agents import FakeAgents, Held, raising
from tests.fakes.integration import what_is_left

S = OperationStatus
CANARY = "correct horse canary"


async def test_shutting_down_meanwhile_hands_it_back(cottage: House) -> None:
    held = Held()

    async def clean_up(lease: Lease) -> str:
        await held(lease)
        return ""

    worker = worker_of(cottage, FakeAgents(raising(StepFailed("x", "It failed.")), clean_up))
    asked = await cottage.pending()
    await made_something(cottage, asked.id)
    running = asyncio.get_running_loop().create_task(worker.run(cottage.visitor.customer_id, asked.id))
    await held.until_begun()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    row = await cottage.row(asked.id)
    assert (row.status, row.attempt) == (S.PENDING, 0)


async def test_nothing_is_cleaned_up_if_nothing_was_made(cottage: House) -> None:
    agents = FakeAgents(raising(StepFailed("x", "It failed.")), raising(AssertionError("nothing to clean up")))
    row = await run_one(cottage, agents)
    assert (row.status, row.left_behind, agents.built) == (S.FAILED, None, 1)


@pytest.mark.parametrize("left", ["", "The key “OmniOps” is still there."])
async def test_what_was_made_is_cleaned_up_by_a_fresh_agent_which_says_what_is_left(cottage: House, left: str) -> None:
    async def clean_up(lease: Lease) -> str:
        return left

    agents = FakeAgents(raising(StepFailed("x", "It failed.")), clean_up)
    row = await run_one(cottage, agents, made=True)
    assert (row.status, row.failure_code, row.left_behind) == (S.FAILED, "x", left or None)
    assert agents.happened == ["built", "given back"] * 2


async def test_its_time_is_limited_and_stands_still_while_it_waits(cottage: House) -> None:
    ends_at: list[float | None] = []

    def note() -> None:
        limit = agents.times[-1]._limit
        assert limit is not None
        ends_at.append(limit.when())

    async def clean_up(lease: Lease) -> str:
        note()
        with agents.times[-1].standing_still():
            note()
        return ""

    agents = FakeAgents(raising(StepFailed("x", "It failed.")), clean_up)
    await run_one(cottage, agents, made=True)
    before, meanwhile = ends_at
    assert before is not None
    assert meanwhile is None


@pytest.mark.parametrize(
    "error", [Unavailable(because="No answer."), TimeoutError(), KeyError(CANARY)], ids=["down", "slow", "a bug"]
)
async def test_a_clean_up_that_fails_is_named_and_the_ending_stands(
    cottage: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    row = await run_one(cottage, FakeAgents(raising(StepFailed("x", "It failed.")), raising(error)), made=True)
    assert (row.status, row.failure_code) == (S.FAILED, "x")
    assert row.left_behind == what_is_left(row.id)
    assert "clean" in caplog.text


async def test_what_is_completed_is_not_cleaned_up(cottage: House) -> None:
    agents = FakeAgents(clean_up=raising(AssertionError("it is completed")))
    row = await run_one(cottage, agents, made=True)
    assert (row.status, row.left_behind) == (S.COMPLETED, None)


@pytest.mark.parametrize("error", [StepFailed("x", "It failed."), KeyError("a bug")], ids=["a failure", "a bug"])
async def test_who_lost_the_operation_without_noticing_cleans_up_nothing(home: House, error: Exception) -> None:
    async def lose(lease: Lease) -> AgentResult:
        await home.take_over(lease)
        raise error

    agents = FakeAgents(lose)
    row = await run_one(home, agents, made=True)
    assert (row.status, row.lease_owner, row.failure_code) == (S.IN_PROGRESS, "two", None)
    assert agents.happened == ["built", "given back"]


@pytest.mark.parametrize(("attempts", "built"), [(MOST_ATTEMPTS, 1), (MOST_ATTEMPTS + 1, 0)])
async def test_cleaning_up_after_dying_too_often_is_tried_once(cottage: House, attempts: int, built: int) -> None:
    agents = FakeAgents(raising(AssertionError("it died too often")))
    row = await run_one(cottage, agents, made=True, attempt=attempts)
    assert (row.status, row.failure_code, agents.built) == (S.FAILED, "died_too_often", built)
    assert row.left_behind == (None if built else what_is_left(row.id))


async def test_what_takes_too_long_is_ended_before_it_is_cleaned_up(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_module, "LONGEST_RUN", 0.01)
    held, ended_before_clean_up = Held(), []

    async def slow_to_end(lease: Lease) -> AgentResult:
        try:
            return await held(lease)
        finally:
            await cottage.row(lease.operation_id)
            held.ended = "closed its browser"

    async def clean_up(lease: Lease) -> str:
        ended_before_clean_up.append(held.ended)
        return ""

    row = await run_one(cottage, FakeAgents(slow_to_end, clean_up), made=True)
    assert (row.status, row.failure_code) == (S.FAILED, "took_too_long")
    assert ended_before_clean_up == ["closed its browser"]
