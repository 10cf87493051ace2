"""A run asks a person and waits: its answer is used once, and nothing of it outlives the question."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.agents.agent import AgentResult
from core.agents.person import ANSWER_WITHIN, Answer, ApprovedSomethingElse, NobodyAnswered, PersonDeclined, Question
from core.browser.redaction import forms_of
from core.database.states import OperationStatus, QuestionEnding
from core.operations import questions as questions_module
from core.operations.answers import Given, QuestionDesk
from core.operations.lease import LEASE, Lease, LeaseLost
from core.operations.progress import InProcessProgress
from core.operations.questions import ANSWER
from core.operations.run_time import RunTime
from core.operations.views import ModelUse
from core.planner.spending import Spent
from core.security.audit.audit_log import AuditAction
from core.security.secret import Secret
from core.security.vault.vault import NoCredential
from tests.app.secret_scan import places_holding
from tests.core.operations.asking import (
    APPROVAL,
    CHOICE,
    CODE,
    TYPED,
    TakenPicture,
    asking,
    every_question,
    kept_answers,
    person_of,
    typed,
    until,
)
from tests.core.operations.house import House
from tests.core.operations.runs import worker_of
from tests.fakes.agents import RESULT, FakeAgents
from tests.postgres import as_owner

S = OperationStatus


async def test_the_operation_waits_and_shows_what_is_asked(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease, replace(CODE, picture=TakenPicture())) as asked:
        view = await home.operations.status(home.visitor, lease.operation_id)
        row = await home.row(lease.operation_id)
        assert (view.status, view.question) == (S.AWAITING_INPUT, asked.view)
        assert (row.lease_owner, row.fence, row.lease_until) == ("one", lease.fence, home.clock.now() + LEASE)
        assert asked.view.expires_at == home.clock.now() + ANSWER_WITHIN
        assert (asked.view.kind, asked.view.words, asked.view.page_url) == (CODE.kind, CODE.words, CODE.page_url)
        assert asked.view.picture_id is not None
        assert home.told[-1] == lease.operation_id
        entry = (await home.entries())[-1]
        assert (entry.action, entry.actor, entry.operation_id) == (
            AuditAction.QUESTION_ASKED,
            "agent",
            lease.operation_id,
        )
        assert entry.detail is not None
        assert entry.detail["words"] == CODE.words
        assert len(entry.detail["pictureSha256"]) == 64


async def test_while_it_waits_it_shows_what_the_model_has_cost_by_then(home: House) -> None:
    lease = await home.claimed()
    assert (await home.operations.status(home.visitor, lease.operation_id)).model is None
    lease.purse.pay(Spent(3, 4_000, 12_000))
    async with asking(home, lease):
        view = await home.operations.status(home.visitor, lease.operation_id)
        assert view.model == ModelUse(calls=3, tokens=4_000, dollars=0.012, most_dollars=0.5)


async def test_a_typed_answer_is_used_once_and_gone(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        await asked.answer(typed())
        answer = await asked.settled()
        assert answer == Answer(typed=Secret(TYPED))
        row = await asked.row()
        assert (row.ending, row.answered_by) == (QuestionEnding.ANSWERED, home.visitor.actor)
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS
    assert await kept_answers(home) == 0
    assert (await home.actions())[-5:] == [
        AuditAction.QUESTION_ASKED,
        AuditAction.SECRET_STORED,
        AuditAction.QUESTION_ANSWERED,
        AuditAction.SECRET_USED,
        AuditAction.SECRET_DELETED,
    ]
    with pytest.raises(NoCredential):
        await home.secrets_of(lease).use(ANSWER, "a test")


async def test_nothing_that_was_typed_is_told_or_kept_in_the_clear(
    cottage: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    lease = await cottage.claimed()
    async with asking(cottage, lease) as asked:
        await asked.answer(typed())
        answer = await asked.settled()
        view = await cottage.operations.status(cottage.visitor, lease.operation_id)
    told = f"{answer!r} {view!r} {await cottage.entries()!r} {await every_question(cottage)!r} {caplog.text}"
    assert TYPED not in told
    folder = Path(str(cottage.database.url.database)).parent
    assert places_holding(folder, forms_of(TYPED)) == []


async def test_an_option_is_chosen_by_its_number(cottage: House) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease, CHOICE) as asked:
        await asked.answer(Given(chosen=1))
        assert await asked.settled() == Answer(chosen=1)


async def test_a_yes_is_an_answer_without_anything_else(cottage: House) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease, APPROVAL) as asked:
        assert (await asked.row()).action_sha256 == APPROVAL.action_sha256
        await asked.answer(Given(yes=True))
        assert await asked.settled() == Answer()


async def begun(house: House, lease: Lease, question: Question) -> UUID:
    """A question that is asked, and that nobody waits for; its id."""
    question_id = uuid4()
    await house.run(partial(person_of(house, lease)._begin, question_id, question, None))
    return question_id


async def test_a_yes_to_something_else_is_none(home: House) -> None:
    lease = await home.claimed()
    question_id = await begun(home, lease, APPROVAL)
    await home.questions.answer(home.visitor, lease.operation_id, question_id, Given(yes=True))
    other = replace(APPROVAL, action="click Revoke all on /keys")
    told = await home.run(partial(person_of(home, lease)._settle, question_id, other))
    assert isinstance(told, ApprovedSomethingElse)
    [row] = await every_question(home)
    assert row.ending == QuestionEnding.VOID


async def test_an_answer_is_not_used_a_second_time(home: House) -> None:
    lease = await home.claimed()
    question_id = await begun(home, lease, APPROVAL)
    await home.questions.answer(home.visitor, lease.operation_id, question_id, Given(yes=True))
    settle = partial(person_of(home, lease)._settle, question_id, APPROVAL)
    assert await home.run(settle) == Answer()
    with pytest.raises(LeaseLost) as lost:
        await home.run(settle)
    assert "used before" not in lost.value.sentence  # the operation does not even wait
    await home.put(lease.operation_id, status=S.AWAITING_INPUT.value)
    with pytest.raises(LeaseLost, match="used before"):
        await home.run(settle)


async def test_an_approval_is_for_one_action(cottage: House) -> None:
    lease = await cottage.claimed()
    with pytest.raises(ValueError, match="for one action"):
        await person_of(cottage, lease).ask(replace(APPROVAL, action=""))
    assert (await cottage.row(lease.operation_id)).status == S.IN_PROGRESS


async def test_who_declines_is_told_to_the_run(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        await asked.decline()
        with pytest.raises(PersonDeclined, match=r"What does your app say\?"):
            await asked.settled()
        assert (await asked.row()).ending == QuestionEnding.DECLINED
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS
    entry = (await home.entries())[-1]
    assert (entry.action, entry.actor) == (AuditAction.QUESTION_DECLINED, home.visitor.actor)


async def test_a_question_expires_by_the_clock(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        home.clock.move(ANSWER_WITHIN - timedelta(seconds=1))
        home.progress.tell(home.visitor.customer_id, lease.operation_id)
        assert (await home.operations.status(home.visitor, lease.operation_id)).question == asked.view
        home.clock.move(timedelta(seconds=1))
        home.progress.tell(home.visitor.customer_id, lease.operation_id)
        with pytest.raises(NobodyAnswered, match="waited for 10 minutes"):
            await asked.settled()
        assert (await asked.row()).ending == QuestionEnding.EXPIRED
    view = await home.operations.status(home.visitor, lease.operation_id)
    assert (view.status, view.question) == (S.IN_PROGRESS, None)
    assert (await home.actions())[-1] == AuditAction.QUESTION_EXPIRED


async def test_an_answer_given_in_time_is_in_time(cottage: House) -> None:
    lease = await cottage.claimed()
    question_id = await begun(cottage, lease, CODE)
    await cottage.questions.answer(cottage.visitor, lease.operation_id, question_id, typed())
    cottage.clock.move(ANSWER_WITHIN)
    told = await cottage.run(partial(person_of(cottage, lease)._settle, question_id, CODE))
    assert told == Answer(typed=Secret(TYPED))


async def test_an_answer_given_in_another_process_is_heard_of_too(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions_module, "LOOK_EVERY", 0.01)
    lease = await home.claimed()
    async with asking(home, lease, CHOICE) as asked:
        elsewhere = QuestionDesk(home.database, home.vault, InProcessProgress(), home.clock)
        await elsewhere.answer(home.visitor, lease.operation_id, asked.view.id, Given(chosen=0))
        assert await asked.settled() == Answer(chosen=0)


async def test_an_answer_given_in_this_process_is_heard_of_at_once(
    cottage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_module, "LOOK_EVERY", 1000)
    lease = await cottage.claimed()
    async with asking(cottage, lease, CHOICE) as asked:
        await asked.answer(Given(chosen=0))
        assert await asked.settled() == Answer(chosen=0)


async def test_news_of_another_operation_is_no_answer(cottage: House) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease) as asked:
        cottage.progress.tell(cottage.visitor.customer_id, uuid4())
        await asked.answer(typed())
        assert (await asked.settled()).typed == Secret(TYPED)


@pytest.mark.parametrize("answered", [False, True])
async def test_a_run_that_is_cancelled_leaves_a_void_question(home: House, answered: bool) -> None:
    lease = await home.claimed()
    question_id = await begun(home, lease, CODE)
    if answered:
        await home.questions.answer(home.visitor, lease.operation_id, question_id, typed())
    await home.run(partial(person_of(home, lease)._give_up, question_id))
    [row] = await every_question(home)
    assert (row.ending, await kept_answers(home)) == (QuestionEnding.VOID, 0)
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS
    assert AuditAction.QUESTION_VOID in await home.actions()


async def test_whoever_waits_and_is_cancelled_gives_the_question_up(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        asked.waiting.cancel()
        await asyncio.wait({asked.waiting})
        assert asked.waiting.cancelled()
        assert (await asked.row()).ending == QuestionEnding.VOID
    assert (await home.row(lease.operation_id)).status == S.IN_PROGRESS


async def test_who_lost_the_operation_stops_waiting_and_writes_nothing(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_module, "LOOK_EVERY", 0.01)
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        held = await home.take_over(lease)
        with pytest.raises(LeaseLost):
            await asked.settled()
    row = await home.row(lease.operation_id)
    assert (row.status, row.fence) == (S.IN_PROGRESS, held.fence)


async def test_who_lost_the_operation_hears_no_answer_to_the_next_ones_question(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_module, "LOOK_EVERY", 0.01)
    lease = await home.claimed()
    async with asking(home, lease) as lost:
        home.clock.move(2 * LEASE)
        agents = FakeAgents(lambda lease: asked_and_done(home, lease))
        running = asyncio.get_running_loop().create_task(
            worker_of(home, agents).run(home.visitor.customer_id, lease.operation_id)
        )
        with pytest.raises(LeaseLost):
            await lost.settled()
        view = await until(home, lease.operation_id, lambda view: view.question not in {None, lost.view})
        assert view.question
        await home.questions.answer(home.visitor, lease.operation_id, view.question.id, typed())
        await running
    assert (await home.row(lease.operation_id)).status == S.COMPLETED


async def asked_and_done(house: House, lease: Lease) -> AgentResult:
    assert (await person_of(house, lease).ask(CODE)).typed == Secret(TYPED)
    return RESULT


async def test_what_has_ended_asks_nothing(home: House) -> None:
    lease = await home.claimed()
    await home.put(lease.operation_id, fence=lease.fence + 1)
    with pytest.raises(LeaseLost):
        await person_of(home, lease).ask(CODE)
    assert await every_question(home) == []


async def test_one_run_asks_one_thing_at_a_time(home: House) -> None:
    lease = await home.claimed()
    await begun(home, lease, CODE)
    with pytest.raises(LeaseLost):
        await begun(home, lease, CHOICE)
    await home.put(lease.operation_id, status=S.IN_PROGRESS.value)
    with pytest.raises(DatabaseError):
        await begun(home, lease, CHOICE)


async def test_the_next_question_is_asked_after_the_first(cottage: House) -> None:
    lease = await cottage.claimed()
    for number in (0, 1):
        async with asking(cottage, lease, CHOICE) as asked:
            await asked.answer(Given(chosen=number))
            assert await asked.settled() == Answer(chosen=number)


async def test_its_time_stands_still_while_it_waits(cottage: House) -> None:
    lease, time = await cottage.claimed(), RunTime()
    person, loop = person_of(cottage, lease, time), asyncio.get_running_loop()
    async with time.limited(0.5):
        waiting = loop.create_task(person.ask(CHOICE))
        view = await until(cottage, lease.operation_id, lambda view: view.question is not None)
        assert time._limit is not None
        assert time._limit.when() is None
        assert view.question
        await cottage.questions.answer(cottage.visitor, lease.operation_id, view.question.id, Given(chosen=0))
        await waiting
        left = time._limit.when()
        assert left is not None
        assert 0 < left - loop.time() <= 0.5


async def test_what_took_too_long_before_is_not_saved_by_waiting() -> None:
    time = RunTime()

    async def wait_too_long() -> None:
        async with time.limited(0.01):
            with time.standing_still():
                pass
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_too_long()
    with time.standing_still():
        pass


async def test_the_database_itself_keeps_a_question_as_it_was_asked_and_answered(home: House) -> None:
    lease = await home.claimed()
    question_id = await begun(home, lease, APPROVAL)
    another = f"picture_id = '{uuid4()}'"  # it may go, but become no other
    await _refused(home, "as it was asked", "words = 'x'", "action_sha256 = 'x'", "kind = 'code'", another)
    await home.questions.answer(home.visitor, lease.operation_id, question_id, Given(yes=True))
    await _refused(home, "answered once", "answered_by = 'user:x'", "answered_by = NULL", "chosen = 1")
    await home.run(partial(person_of(home, lease)._settle, question_id, APPROVAL))
    await _refused(home, "has ended stays so", "ended_at = NULL", "ending = 'declined'")
    await _refused(home, "has ended stays so", "picture_id = NULL, ending = 'declined'")


async def test_what_a_number_stands_for_stays_as_it_was_shown(home: House) -> None:
    lease = await home.claimed()
    question_id = await begun(home, lease, CHOICE)
    swapped = """options = '["manager", "admin"]'"""
    await _refused(home, "as it was asked", swapped, "options = '[]'")
    await home.questions.answer(home.visitor, lease.operation_id, question_id, Given(chosen=1))
    await _refused(home, "as it was asked", swapped)
    assert await home.run(partial(person_of(home, lease)._settle, question_id, CHOICE)) == Answer(chosen=1)


async def _refused(house: House, words: str, *changes: str) -> None:
    for change in changes:
        with pytest.raises(DatabaseError, match=words), as_owner(house.database).begin() as connection:
            connection.execute(text(f"UPDATE operation_questions SET {change}"))


async def test_the_picture_of_a_question_that_may_not_be_asked_is_not_kept(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.take_over(lease)
    person = person_of(cottage, lease)
    with pytest.raises(LeaseLost):
        await person.ask(replace(CODE, picture=TakenPicture()))
    assert person._tools.pictures.files == {}  # type: ignore[attr-defined]  # it is one of memory
