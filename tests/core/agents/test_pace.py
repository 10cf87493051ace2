"""An agent rests as long as it is told, not at all unless it is told, and no longer than until it is stopped."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from core.agents.pace import Pace
from tests.core.agents.tea_agent import BY_CODE, IN_THE_BROWSER, Play, makes_a_key, tea_shop

FOR_EVER = 3600.0  # seconds; a test that rests so long fails


class CountedPace(Pace):
    """Counts its rests, and says when the first begins."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.rests = 0
        self.resting = asyncio.Event()

    async def rest(self) -> None:
        self.rests += 1
        self.resting.set()
        await super().rest()


def paced(pace: Pace) -> Play:
    play = Play(tea_shop(makes_a_key))
    play.agent.task = replace(play.agent.task, pace=pace)
    return play


async def test_an_agent_that_nobody_told_does_not_rest() -> None:
    play = Play(tea_shop(makes_a_key))
    assert play.agent.task.pace.seconds == 0
    rest = play.agent.task.pace.rest()
    with pytest.raises(StopIteration):  # it is over before the loop has its turn
        rest.send(None)


async def test_it_rests_after_every_step_in_the_browser_and_by_code() -> None:
    pace = CountedPace()
    await paced(pace).agent.run()
    assert pace.rests == len(IN_THE_BROWSER) + len(BY_CODE)


async def test_a_rest_takes_its_time() -> None:
    now = asyncio.get_running_loop().time
    begun = now()
    await Pace(0.05).rest()
    assert now() - begun >= 0.05


async def test_who_changes_the_pace_ends_a_rest_that_has_begun() -> None:
    pace = Pace(FOR_EVER)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        resting = group.create_task(pace.rest())
        await asyncio.sleep(0)
        pace.change(2 * FOR_EVER)
        await asyncio.sleep(0)
        assert not resting.done()
        pace.change(0.0)


async def test_a_stop_ends_a_rest_at_once_and_no_step_follows() -> None:
    play = paced(pace := CountedPace(FOR_EVER))
    async with asyncio.timeout(5):
        run = asyncio.ensure_future(play.agent.run())
        await pace.resting.wait()
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run
    assert run.cancelled()
    assert len(play.log.outcomes) == 1
