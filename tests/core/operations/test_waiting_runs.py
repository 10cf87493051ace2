"""A run that waits for a person is still its worker's: it is stopped, withdrawn, taken over and timed like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from core.agents.agent import AgentResult
from core.agents.person import Question
from core.database.states import OperationStatus, QuestionEnding
from core.database.tables import OperationRow
from core.operations import attempt as attempt_module
from core.operations import lease as leases
from core.operations.ending import Ending
from core.operations.lease import LEASE, Lease, LeaseLost
from core.operations.run_time import RunTime
from core.operations.worker import OperationWorker, StartedRun
from core.security.audit.audit_log import AuditAction
from tests.core.operations.asking import CODE, TYPED, every_question, kept_answers, person_of, typed, until
from tests.core.operations.house import OTHER_SHOP, House
from tests.core.operations.runs import worker_of
from tests.fakes.agents import RESULT, FakeAgents, ToldAgent, leave_nothing

S = OperationStatus


class AskingAgents(FakeAgents):
    """Agents that ask one question, and are done with its answer."""

    def __init__(self, house: House, question: Question = CODE) -> None:
        super().__init__()
        self._house, self._question = house, question
        self.heard: list[str] = []

    @asynccontextmanager
    async def __call__(self, lease: Lease, row: OperationRow, *, cleans_up: bool = False) -> AsyncIterator[StartedRun]:
        time = RunTime()

        async def ask(lease: Lease) -> AgentResult:
            answer = await person_of(self._house, lease, time).ask(self._question)
            self.heard.append(answer.typed.reveal() if answer.typed else "")
            return RESULT

        async with super().__call__(lease, row, cleans_up=cleans_up) as started:
            yield StartedRun(ToldAgent(lease, ask, leave_nothing), started.shut, time)


async def waiting(house: House, worker: OperationWorker) -> tuple[asyncio.Task[bool], UUID]:
    """A run that waits for a person, and the id of its operation."""
    asked = await house.pending()
    running = asyncio.get_running_loop().create_task(worker.run(house.visitor.customer_id, asked.id))
    await until(house, asked.id, lambda view: view.question is not None)
    return running, asked.id


async def answer(house: House, operation_id: UUID) -> None:
    view = await house.questions.open(house.visitor, operation_id)
    assert view is not None
    await house.questions.answer(house.visitor, operation_id, view.id, typed())


async def ended(running: asyncio.Task[bool]) -> None:
    async with asyncio.timeout(10):
        await running


async def test_the_run_goes_on_with_the_answer(home: House) -> None:
    agents = AskingAgents(home)
    running, operation_id = await waiting(home, worker_of(home, agents))
    await answer(home, operation_id)
    await ended(running)
    assert (await home.row(operation_id)).status == S.COMPLETED
    assert agents.heard == [TYPED]


async def test_who_says_no_ends_the_run(home: House) -> None:
    running, operation_id = await waiting(home, worker_of(home, AskingAgents(home)))
    view = await home.questions.open(home.visitor, operation_id)
    assert view is not None
    await home.questions.decline(home.visitor, operation_id, view.id)
    await ended(running)
    row = await home.row(operation_id)
    assert (row.status, row.failure_code) == (S.FAILED, "person_declined")
    assert row.failure_sentence == f"The person who was asked said no. It was asked: {CODE.words}"


async def test_a_stop_reaches_the_worker_at_once(home: House) -> None:
    agents = AskingAgents(home)
    worker = worker_of(home, agents)
    running, operation_id = await waiting(home, worker)
    view = await home.operations.cancel(home.visitor, operation_id, because="not today")
    assert view.status is S.AWAITING_INPUT
    assert home.queue.stopped == [(operation_id, "not today")]
    assert AuditAction.OPERATION_CANCELLED not in await home.actions()
    await worker.stop(operation_id, because="not today")
    await ended(running)
    row = await home.row(operation_id)
    assert (row.status, row.failure_sentence) == (S.CANCELLED, "not today")
    assert "shut: not today" in agents.happened
    assert [one.ending for one in await every_question(home)] == [QuestionEnding.VOID]


async def test_a_withdrawal_ends_it_and_its_question_at_once(home: House) -> None:
    worker = worker_of(home, AskingAgents(home))
    running, operation_id = await waiting(home, worker)
    given = await home.given()
    await home.consents.revoke(home.visitor, given.id, because="enough")
    row = await home.row(operation_id)
    assert (row.status, row.lease_owner) == (S.CANCELLED, None)
    assert [one.ending for one in await every_question(home)] == [QuestionEnding.VOID]
    assert home.queue.stopped == [(operation_id, "enough")]
    await worker.stop(operation_id, because="enough")
    await ended(running)
    assert (await home.row(operation_id)).status == S.CANCELLED


async def test_an_answer_that_nobody_heard_goes_with_the_operation(home: House) -> None:
    lease = await home.claimed()
    question_id = uuid4()
    await home.run(partial(person_of(home, lease)._begin, question_id, CODE, None))
    await home.questions.answer(home.visitor, lease.operation_id, question_id, typed())
    assert await kept_answers(home) == 1
    await home.run(partial(home.endings.write, lease, Ending.failed("internal", "It broke.")))
    assert [one.ending for one in await every_question(home)] == [QuestionEnding.VOID]
    assert await home.credentials.list(home.visitor) == ()


async def test_what_waits_keeps_its_lease_and_is_nobody_elses(home: House) -> None:
    running, operation_id = await waiting(home, worker_of(home, AskingAgents(home)))
    worker = worker_of(home, FakeAgents())
    assert await worker.waiting() == ()
    home.clock.move(LEASE - timedelta(seconds=1))
    row = await home.row(operation_id)
    lease = Lease.of(row)
    await home.run(partial(leases.renew, lease=lease, now=home.clock.now()))
    home.clock.move(timedelta(seconds=2))
    assert await worker.waiting() == ()
    running.cancel()
    await asyncio.wait({running})


async def test_a_worker_that_died_while_it_waited_is_replaced_and_asks_anew(home: House) -> None:
    lease = await home.claimed()
    question_id = uuid4()
    await home.run(partial(person_of(home, lease)._begin, question_id, CODE, None))
    await home.questions.answer(home.visitor, lease.operation_id, question_id, typed("canary-of-the-first"))
    home.clock.move(2 * LEASE)
    agents = AskingAgents(home)
    worker = worker_of(home, agents)
    assert await worker.waiting() == ((home.visitor.customer_id, lease.operation_id),)
    running = asyncio.get_running_loop().create_task(worker.run(home.visitor.customer_id, lease.operation_id))
    await until(home, lease.operation_id, lambda view: view.question is not None)
    first, second = await every_question(home)
    assert (first.id, first.ending, second.ending) == (question_id, QuestionEnding.VOID, None)
    assert await kept_answers(home) == 0
    await answer(home, lease.operation_id)
    await ended(running)
    row = await home.row(lease.operation_id)
    assert (row.status, row.attempt) == (S.COMPLETED, 2)
    assert agents.heard == [TYPED]


async def test_after_a_crash_what_waits_for_a_person_is_free_and_what_waits_for_its_owner_is_not(home: House) -> None:
    lease = await home.claimed()
    await home.run(partial(person_of(home, lease)._begin, uuid4(), CODE, None))
    owners = await home.pending(OTHER_SHOP)
    for status in (S.IN_PROGRESS, S.AWAITING_INPUT):
        await home.put(owners.id, status=status.value)
    worker = worker_of(home, FakeAgents())
    await worker.free_all()
    home.clock.move(timedelta(days=1))
    assert await worker.waiting() == ((home.visitor.customer_id, lease.operation_id),)
    await worker.run(home.visitor.customer_id, owners.id)
    assert (await home.row(owners.id)).status == S.AWAITING_INPUT
    assert (await home.row(owners.id)).lease_until is None


async def test_shutting_down_hands_it_back_and_the_question_is_void(home: House) -> None:
    running, operation_id = await waiting(home, worker_of(home, AskingAgents(home)))
    running.cancel()
    await asyncio.wait({running})
    row = await home.row(operation_id)
    assert (row.status, row.attempt, row.lease_owner) == (S.PENDING, 0, None)
    assert [one.ending for one in await every_question(home)] == [QuestionEnding.VOID]


async def test_waiting_for_a_person_is_no_part_of_the_longest_run(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_module, "LONGEST_RUN", 1.0)
    running, operation_id = await waiting(cottage, worker_of(cottage, AskingAgents(cottage)))
    await asyncio.wait({running}, timeout=1.3)  # longer than a run may take
    assert not running.done()
    await answer(cottage, operation_id)
    await ended(running)
    assert (await cottage.row(operation_id)).status == S.COMPLETED


async def test_a_person_may_be_asked_while_the_steps_before_are_still_recorded(home: House) -> None:
    lease = await home.claimed()
    await home.run(partial(person_of(home, lease)._begin, uuid4(), CODE, None))
    await home.run(partial(leases.write, lease=lease, current_step=3))
    row = await home.row(lease.operation_id)
    assert (row.status, row.current_step) == (S.AWAITING_INPUT, 3)


async def test_nobody_writes_to_what_waits_for_its_owner(home: House) -> None:
    lease = await home.claimed()
    await home.put(lease.operation_id, status=S.AWAITING_INPUT.value, lease_owner=None, lease_until=None)
    for write in (leases.renew, leases.go_on, leases.begin_to_wait):
        with pytest.raises(LeaseLost):
            await home.run(partial(write, lease=lease, now=home.clock.now()))
