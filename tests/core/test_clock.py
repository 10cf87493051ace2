"""The machine's clock waits for a moment to come, and for no other."""

import asyncio
from datetime import timedelta

from core.clock import SystemClock


async def test_who_waits_for_a_moment_goes_on_when_it_is_there() -> None:
    clock = SystemClock()
    moment = clock.now() + timedelta(milliseconds=20)
    await clock.until(moment)
    assert clock.now() >= moment


async def test_what_is_past_is_not_waited_for() -> None:
    clock = SystemClock()
    waiting = clock.until(clock.now() - timedelta(days=1))
    async with asyncio.timeout(1):
        await waiting
