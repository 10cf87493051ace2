"""What many ask in the same turn is asked once, and no answer is older than its question."""

import asyncio
from collections.abc import Mapping

from core.together import Together


class Register:
    """Answers with how often it was asked by then, but for a question it does not know; `asked` are the questions of each time."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str]] = []
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def __call__(self, questions: frozenset[str]) -> Mapping[str, int]:
        self.asked.append(questions)
        number = len(self.asked)
        self.begun.put_nowait(number)
        await self.let_go.wait()
        return {question: number for question in questions if question != "unknown"}


async def test_who_ask_in_the_same_turn_are_answered_by_asking_once() -> None:
    register = Register()
    together = Together(register)
    assert await asyncio.gather(*map(together.answer, ["one", "two", "one", "unknown"])) == [1, 1, 1, None]
    assert register.asked == [{"one", "two", "unknown"}]


async def test_who_asks_while_it_is_being_asked_hears_no_older_answer_and_does_not_wait_for_it() -> None:
    register = Register()
    together = Together(register)
    register.let_go.clear()
    first = asyncio.ensure_future(together.answer("one"))
    await register.begun.get()
    second = asyncio.ensure_future(together.answer("one"))
    await register.begun.get()
    register.let_go.set()
    assert (await first, await second) == (1, 2)


async def test_who_goes_away_takes_the_answer_from_nobody_else() -> None:
    register = Register()
    together = Together(register)
    register.let_go.clear()
    first, second = (asyncio.ensure_future(together.answer("one")) for _ in range(2))
    await register.begun.get()
    first.cancel()
    register.let_go.set()
    assert await second == 1


async def test_what_goes_wrong_is_told_to_all_and_the_next_ask_anew() -> None:
    asked = []

    async def fails(questions: frozenset[str]) -> Mapping[str, int]:
        asked.append(questions)
        raise OSError("no")

    together = Together(fails)
    for _ in range(2):
        answers = await asyncio.gather(together.answer("one"), together.answer("two"), return_exceptions=True)
        assert [type(answer) for answer in answers] == [OSError, OSError]
    assert len(asked) == 2
