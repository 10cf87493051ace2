"""A question that hangs is asked once, however many ask it."""

import asyncio

import pytest

from core.one_at_a_time import OneAtATime


class Slow:
    """A question that is answered when a test lets it."""

    def __init__(self) -> None:
        self.asked = 0
        self.let_go = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        await self.let_go.wait()
        return self.asked


async def test_who_asks_meanwhile_hears_the_same_answer() -> None:
    slow = Slow()
    question = OneAtATime(slow)
    asking = [asyncio.ensure_future(question.answer(within=10)) for _ in range(5)]
    await asyncio.sleep(0)
    slow.let_go.set()
    assert await asyncio.gather(*asking) == [1] * 5
    assert await question.answer(within=10) == 2


async def test_what_hangs_is_given_up_by_who_asks_and_not_asked_again() -> None:
    slow = Slow()
    question = OneAtATime(slow)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await question.answer(within=0.01)
    assert slow.asked == 1
    slow.let_go.set()
    assert await question.answer(within=10) in {1, 2}


async def test_who_goes_away_takes_the_answer_from_nobody() -> None:
    slow = Slow()
    question = OneAtATime(slow)
    first, second = (asyncio.ensure_future(question.answer(within=10)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    slow.let_go.set()
    assert await second == 1


async def test_what_goes_wrong_is_told_and_asked_anew() -> None:
    async def fails() -> int:
        raise OSError("no")

    question = OneAtATime(fails)
    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            await question.answer(within=1)
