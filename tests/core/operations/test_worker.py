"""One worker has an operation, and whatever happens to its agent is an ending; who lost it writes nothing."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from core.agents.agent import AgentResult, StepFailed
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.errors import Unavailable
from core.operations import lease as leases
from core.operations import worker as worker_module
from core.operations.lease import MOST_ATTEMPTS, Lease, LeaseLost
from core.operations.limits import Limits
from core.security.audit.audit_log import AuditAction
from tests.core.operations.house import OTHER_SHOP, House
from tests.core.operations.runs import begun, run_one, worker_of
from tests.fakes.agents import RESULT, FakeAgents, Held, raising

S = OperationStatus


async def test_of_many_workers_one_carries_it_out(home: House) -> None:
    asked, agents = await home.pending(), FakeAgents()
    workers = [worker_of(home, agents) for _ in range(6)]
    await asyncio.gather(*(one.run(home.visitor.customer_id, asked.id) for one in workers))
    row = await home.row(asked.id)
    assert (row.status, row.fence, row.attempt) == (S.COMPLETED, 1, 1)
    assert agents.happened == ["built", "given back"]
    assert (await home.actions()).count(AuditAction.OPERATION_COMPLETED) == 1
    assert home.told[-1] == asked.id


async def test_a_worker_that_is_woken_twice_runs_it_once(cottage: House) -> None:
    deed = Held()
    agents = FakeAgents(deed)
    worker = worker_of(cottage, agents)
    running, operation_id = await begun(worker, cottage, deed)
    await worker.run(cottage.visitor.customer_id, operation_id)
    deed.let_go.set()
    await running
    await worker.run(cottage.visitor.customer_id, operation_id)
    assert agents.happened == ["built", "given back"]


@pytest.mark.parametrize("status", [S.AWAITING_CONSENT, S.CANCELLED])
async def test_what_may_not_run_is_left_alone(cottage: House, status: OperationStatus) -> None:
    asked, agents = await cottage.ask(), FakeAgents()
    if status is S.CANCELLED:
        await cottage.operations.cancel(cottage.visitor, asked.id, because="not today")
    await worker_of(cottage, agents).run(cottage.visitor.customer_id, asked.id)
    assert ((await cottage.row(asked.id)).status, agents.happened) == (status, [])


async def test_shutting_down_hands_it_back_and_the_attempt_does_not_count(home: House) -> None:
    deed = Held()
    agents = FakeAgents(deed)
    running, operation_id = await begun(worker_of(home, agents), home, deed)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    row = await home.row(operation_id)
    assert (row.status, row.attempt, row.lease_owner) == (S.PENDING, 0, None)
    assert (deed.ended, agents.happened[-1]) == ("cancelled", "given back")
    await worker_of(home, FakeAgents()).run(home.visitor.customer_id, operation_id)
    row = await home.row(operation_id)
    assert (row.status, row.attempt, row.fence) == (S.COMPLETED, 1, 2)


async def test_what_the_database_went_away_under_is_handed_back_and_gone_on_with(home: House) -> None:
    """It is nobody's bug and no failure of the shop's; the attempt counts, so that it does not go on for ever."""
    away = OperationalError("select", {}, Exception("gone"))
    row = await run_one(home, FakeAgents(raising(away)))
    assert (row.status, row.attempt, row.lease_owner, row.failure_code) == (S.PENDING, 1, None, None)
    await worker_of(home, FakeAgents()).run_free()
    row = await home.row(row.id)
    assert (row.status, row.attempt, row.fence) == (S.COMPLETED, 2, 2)


async def test_a_run_that_is_lost_by_what_goes_on_beside_it_has_had_its_attempt(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what fails in each attempt would be attempted for ever."""
    monkeypatch.setattr(worker_module, "LOOK_EVERY", 0.01)
    deed = Held()
    worker = worker_of(cottage, FakeAgents(deed))
    running, operation_id = await begun(worker, cottage, deed)
    monkeypatch.setattr(worker, "_why_not", raising_value_error)
    with pytest.raises(ExceptionGroup):
        await running
    row = await cottage.row(operation_id)
    assert (row.status, row.attempt) == (S.PENDING, 1)


def raising_value_error(lease: Lease, session: CustomerSession) -> tuple[str, str]:
    raise ValueError("a bug of ours")


async def test_a_bug_of_the_agent_is_logged_and_told_as_ours(cottage: House, caplog: pytest.LogCaptureFixture) -> None:
    row = await run_one(cottage, FakeAgents(raising(KeyError("nobody thought of this"))))
    assert (row.status, row.failure_code) == (S.FAILED, "internal")
    assert row.failure_sentence == "Something went wrong on our side. It has been logged."
    assert "nobody thought of this" in caplog.text
    assert (await cottage.actions())[-1] == AuditAction.OPERATION_FAILED


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (StepFailed("wrong_password", "The shop refused it."), "wrong_password", "The shop refused it."),
        (Unavailable(because="No answer."), "unavailable", "Something this needs is not answering. No answer."),
        (asyncio.CancelledError(), "internal", "The run was cancelled."),
    ],
    ids=["a step", "an error", "a cancellation from inside"],
)
async def test_a_failure_keeps_its_code_and_its_sentence(
    cottage: House, error: Exception, code: str, sentence: str
) -> None:
    row = await run_one(cottage, FakeAgents(raising(error)))
    assert (row.status, row.failure_code, row.failure_sentence) == (S.FAILED, code, sentence)


async def test_losing_the_lease_ends_silently(home: House, caplog: pytest.LogCaptureFixture) -> None:
    taken: list[Lease] = []

    async def lose(lease: Lease) -> AgentResult:
        taken.append(await home.take_over(lease))
        raise LeaseLost

    agents = FakeAgents(lose)
    caplog.set_level(logging.INFO)
    row = await run_one(home, agents, made=True)
    assert (row.status, row.fence, row.lease_owner) == (S.IN_PROGRESS, taken[0].fence, "two")
    assert agents.happened == ["built", "given back"]
    assert [record.levelname for record in caplog.records if record.name == worker_module.__name__] == ["INFO"]
    assert AuditAction.OPERATION_FAILED not in await home.actions()


async def test_who_lost_the_operation_without_noticing_completes_nothing(home: House) -> None:
    async def lose(lease: Lease) -> AgentResult:
        await home.take_over(lease)
        return RESULT

    row = await run_one(home, FakeAgents(lose))
    assert (row.status, row.lease_owner, row.result) == (S.IN_PROGRESS, "two", None)
    assert len(await home.credentials.list(home.visitor)) == 2


async def test_the_heartbeat_keeps_the_lease_and_notices_its_loss(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RENEW_EVERY", timedelta(milliseconds=1))
    renewed, loop, renew = asyncio.Event(), asyncio.get_running_loop(), leases.renew

    def tell(session: CustomerSession, lease: Lease, now: datetime) -> None:
        renew(session, lease, now)
        renewed_at.append(now)
        if renewed_at.count(later) > 1:  # the first of them is committed
            loop.call_soon_threadsafe(renewed.set)

    monkeypatch.setattr(leases, "renew", tell)
    later = cottage.clock.now() + timedelta(minutes=5)
    deed, renewed_at = Held(), list[datetime]()
    running, operation_id = await begun(worker_of(cottage, FakeAgents(deed)), cottage, deed)
    cottage.clock.move(later - cottage.clock.now())
    async with asyncio.timeout(10):
        await renewed.wait()
        assert (await cottage.row(operation_id)).lease_until == later + leases.LEASE
        await cottage.put(operation_id, fence=7, lease_owner="two")
        await running
    row = await cottage.row(operation_id)
    assert (row.status, row.lease_owner, deed.ended) == (S.IN_PROGRESS, "two", "cancelled")


@pytest.mark.parametrize(("attempts", "built"), [(MOST_ATTEMPTS - 1, 1), (MOST_ATTEMPTS, 0)])
async def test_a_worker_dies_on_it_so_often_and_no_oftener(cottage: House, attempts: int, built: int) -> None:
    agents = FakeAgents()
    row = await run_one(cottage, agents, attempt=attempts)
    assert agents.built == built
    assert row.status == (S.COMPLETED if built else S.FAILED)
    assert row.failure_code == (None if built else "died_too_often")


async def test_no_more_runs_at_once_than_there_are_places(cottage: House) -> None:
    deed, agents = Held(), FakeAgents()
    agents.deed = deed
    ids = []
    for number in range(Limits.at_once + 1):
        other = await cottage.pending(OTHER_SHOP)
        await cottage.put(other.id, store_origin=f"https://shop{number}.example")
        ids.append(other.id)
    worker, loop = worker_of(cottage, agents), asyncio.get_running_loop()
    running = [loop.create_task(worker.run_free()) for _ in ids]
    await agents.until_built(Limits.at_once)
    (left,) = await worker.waiting()
    assert left[1] in ids
    deed.let_go.set()
    await asyncio.gather(*running)
    assert agents.built == len(ids)


async def test_after_a_crash_every_lease_counts_as_lost(home: House) -> None:
    lease = await home.claimed()
    worker = worker_of(home, FakeAgents())
    assert await worker.waiting() == ()
    await worker.free_all()
    assert await worker.waiting() == ((home.visitor.customer_id, lease.operation_id),)
