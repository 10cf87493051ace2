"""Questions are answered once, in time, in the way that fits them, and by nobody else's people."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from core.agents.person import ANSWER_WITHIN, Question, QuestionKind
from core.database.session import Database
from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations.answers import LONGEST_CODE, LONGEST_TEXT, AlreadyAnswered, Given, QuestionExpired, WrongAnswer
from core.security.audit.audit_log import AuditAction
from core.security.secret import Secret
from tests.core.operations.asking import APPROVAL, CHOICE, CODE, asking, kept_answers, typed
from tests.core.operations.house import House, house
from tests.fakes.clock import MovedClock

S = OperationStatus
TEXT = replace(CODE, kind=QuestionKind.TEXT)
NOTHING, YES, FIRST = Given(), Given(yes=True), Given(chosen=0)


async def test_what_is_asked_is_open_until_it_is_answered(home: House) -> None:
    lease = await home.claimed()
    assert await home.questions.open(home.visitor, lease.operation_id) is None
    async with asking(home, lease) as asked:
        assert await home.questions.open(home.visitor, lease.operation_id) == asked.view
        await asked.answer(typed())
        assert await home.questions.open(home.visitor, lease.operation_id) is None
        entry = next(one for one in await home.entries() if one.action == AuditAction.QUESTION_ANSWERED)
        assert (entry.actor, entry.operation_id) == (home.visitor.actor, lease.operation_id)
        said = {"chosen": None, "option": None}
        assert entry.detail == {"question": str(asked.view.id), "step": 3, "kind": "code"} | said


async def test_of_two_answers_at_once_one_counts_and_the_other_is_told(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        told = await asyncio.gather(
            *(asked.answer(typed(f"canary-{number}")) for number in range(6)), return_exceptions=True
        )
        answer = await asked.settled()
    assert [type(one) for one in told if one is not None] == [AlreadyAnswered] * 5
    assert answer.typed == Secret(f"canary-{told.index(None)}")
    assert (await home.actions()).count(AuditAction.QUESTION_ANSWERED) == 1


async def test_the_audit_tells_which_option_was_chosen_in_its_words(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease, CHOICE) as asked:
        await asked.answer(Given(chosen=1))
    (entry,) = [one for one in await home.entries() if one.action == AuditAction.QUESTION_ANSWERED]
    assert entry.detail is not None
    assert (entry.detail["chosen"], entry.detail["option"]) == (1, "manager")


@pytest.mark.parametrize("first", ["answer", "decline"])
@pytest.mark.parametrize("second", ["answer", "decline"])
async def test_a_second_word_is_not_heard(cottage: House, first: str, second: str) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease) as asked:
        say = {"answer": lambda: asked.answer(typed()), "decline": asked.decline}
        await say[first]()
        with pytest.raises(AlreadyAnswered, match="the first answer"):
            await say[second]()


async def test_an_answer_and_the_end_of_its_time_meet_and_one_wins(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as asked:
        home.clock.move(ANSWER_WITHIN)
        with pytest.raises(QuestionExpired, match="asks anew"):
            await asked.answer(typed())
        with pytest.raises(QuestionExpired):
            await asked.decline()
        assert await home.questions.open(home.visitor, lease.operation_id) is None
        assert await kept_answers(home) == 0


async def test_what_was_given_up_or_asked_before_is_not_answered(home: House) -> None:
    lease = await home.claimed()
    async with asking(home, lease) as before:
        before.waiting.cancel()
        await asyncio.wait({before.waiting})
    with pytest.raises(QuestionExpired):
        await before.answer(typed())
    async with asking(home, lease):
        with pytest.raises(QuestionExpired):
            await before.answer(typed())
    assert await kept_answers(home) == 0


@pytest.mark.parametrize(
    ("question", "given", "words"),
    [
        (CODE, NOTHING, "asks for a code"),
        (CODE, YES, "asks for a code"),
        (CODE, FIRST, "asks for a code"),
        (CODE, replace(typed(), yes=True), "asks for a code"),
        (CODE, typed(" \t"), "is empty"),
        (CODE, typed("canary" * LONGEST_CODE), f"longer than {LONGEST_CODE}"),
        (CODE, typed("canary\udcff"), "nobody types"),
        (TEXT, typed("canary" * LONGEST_TEXT), f"longer than {LONGEST_TEXT}"),
        (TEXT, typed("canary\x00"), "nobody types"),
        (CHOICE, NOTHING, "one of its options"),
        (CHOICE, typed(), "one of its options"),
        (CHOICE, Given(chosen=2), "There are 2 options"),
        (CHOICE, Given(chosen=-1), "There are 2 options"),
        (APPROVAL, NOTHING, "a yes or a no"),
        (APPROVAL, typed(), "a yes or a no"),
        (APPROVAL, replace(FIRST, yes=True), "a yes or a no"),
    ],
)
async def test_what_is_no_answer_is_refused_without_repeating_it(
    cottage: House, question: Question, given: Given, words: str
) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease, question) as asked:
        with pytest.raises(WrongAnswer, match=words) as refused:
            await asked.answer(given)
        assert "canary" not in f"{refused.value!r} {refused.value}"
        assert await cottage.questions.open(cottage.visitor, lease.operation_id) == asked.view
        assert await kept_answers(cottage) == 0


@pytest.mark.parametrize(
    ("question", "given", "used"), [(CODE, " 123 456 ", "123456"), (TEXT, " Tea Shop ", "Tea Shop")]
)
async def test_spaces_that_only_help_to_read_are_left_out(
    cottage: House, question: Question, given: str, used: str
) -> None:
    lease = await cottage.claimed()
    async with asking(cottage, lease, question) as asked:
        await asked.answer(typed(given))
        assert (await asked.settled()).typed == Secret(used)


async def test_another_customers_question_is_not_there(home: House, database: Database, clock: MovedClock) -> None:
    lease, stranger = await home.claimed(), await house(database, clock)
    desk, who = stranger.questions, stranger.visitor
    async with asking(home, lease) as asked:
        for operation_id in (lease.operation_id, uuid4()):
            with pytest.raises(NotFound, match="no such operation"):
                await desk.answer(who, operation_id, asked.view.id, typed())
            with pytest.raises(NotFound, match="no such operation"):
                await desk.decline(who, operation_id, asked.view.id)
            with pytest.raises(NotFound, match="no such operation"):
                await desk.open(who, operation_id)
        own = await stranger.claimed()
        with pytest.raises(NotFound, match="no such question"):
            await desk.answer(who, own.operation_id, asked.view.id, typed())
        assert (await asked.row()).answered_by is None
        assert await kept_answers(home) == 0


async def test_a_question_of_another_operation_is_not_this_ones(cottage: House) -> None:
    first = await cottage.claimed()
    other = await cottage.claimed("https://coffee.example")
    async with asking(cottage, first) as asked, asking(cottage, other):
        with pytest.raises(NotFound, match="no such question"):
            await cottage.questions.answer(cottage.visitor, other.operation_id, asked.view.id, typed())


async def test_nothing_of_what_is_typed_shows_in_what_is_passed_around() -> None:
    assert "canary" not in repr(typed())
