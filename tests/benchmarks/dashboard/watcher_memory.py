"""What a watcher of a live page keeps of the server's memory, and whether it comes back."""

import asyncio
import time

from tests.benchmarks.dashboard.figures import begin, tell, word
from tests.benchmarks.dashboard.stand import Dashboard, dashboard
from tests.benchmarks.dashboard.watchers import Crowd

NUMBERS = (50, 100)
STEPS, EVERY = 12, 0.25  # watched by all, so that each page has had news
GOAL = 2.0  # MiB for each
GONE_WITHIN = 90.0  # seconds; a page that was left is kept for a while, in case its browser comes back
MEBIBYTE = 1024 * 1024


async def measure() -> None:
    """Say how much it is."""
    begin("memory of a watcher")
    with dashboard() as served:
        path = f"/operations/{served.ask('operation', steps=12, pictures=8, done=12)['operation']}"
        crowd = Crowd(served, path)
        await _rise_and_fall(crowd, 10)  # once to warm up: what the first pages load stays
        before = _megabytes(served)
        tell(f"  0 watchers: {before:6.1f} MiB")
        for number in NUMBERS:
            await crowd.grow_to(number)
            await asyncio.to_thread(lambda: served.ask("steps", number=STEPS, every=EVERY))
            now = _megabytes(served)
            each = (now - before) / number
            tell(f"{number:3} watchers: {now:6.1f} MiB, {each:.2f} each   goal <= {GOAL:.0f} {word(well=each <= GOAL)}")
        await _rise_and_fall(crowd, 0)
        tell(f"  0 watchers: {_megabytes(served):6.1f} MiB once they have gone")
        await _rise_and_fall(crowd, NUMBERS[-1])
        tell(f"  0 watchers: {_megabytes(served):6.1f} MiB after {NUMBERS[-1]} others have come and gone")


async def _rise_and_fall(crowd: Crowd, number: int) -> None:
    """Have so many more there, and then nobody; returns once the server has forgotten their pages."""
    await crowd.grow_to(max(number, len(crowd.watchers)))
    await crowd.go()
    give_up = time.monotonic() + GONE_WITHIN
    while crowd.served.ask("state")["pages"]:
        assert time.monotonic() < give_up, "the pages of those who have gone are still there"
        await asyncio.sleep(0.5)


def _megabytes(served: Dashboard) -> float:
    return float(served.ask("state")["memory"]) / MEBIBYTE
