"""Where the time of one setup goes: seconds of the clock by what the run does, and of the processors by who uses them.

    .venv/bin/python tests/benchmarks/setup_profile.py [--on woocommerce|wordpress] [--rounds 8] [--latency-ms 200]

Agent and script take turns as in setup_vs_script.py. What is nested is counted once: looking for an element within a deed is
no part of the deed. Processes that end within a round are not counted; most of the page's own are among them, so “all of the
machine” is more than the sum.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.agents.agent import AutonomousAgent
from core.agents.step import StepRunner
from core.agents.verifying import Verifier
from core.browser.playwright_page import PlaywrightPage
from core.operations.step_log import DatabaseStepLog
from core.planner.recorded import RecordedPlanner
from tests.benchmarks.setup_vs_script import agent, meeting, script

Seconds = dict[str, float]

TICKS = os.sysconf("SC_CLK_TCK")
REST = "asking, claiming, ending, and all between"
TIMED: dict[str, tuple[tuple[type, str], ...]] = {
    "deeds on the page": ((PlaywrightPage, "perform"),),
    "waiting for a picture to be captured": ((PlaywrightPage, "still"),),
    "looking for elements, and whether a step applies": (
        (PlaywrightPage, "_one"),
        (RecordedPlanner, "decide"),
        (StepRunner, "_applies"),
    ),
    "waiting until a deed shows": ((Verifier, "verify"),),
    "recording": ((DatabaseStepLog, "intend"), (DatabaseStepLog, "once"), (DatabaseStepLog, "settled")),
    "asking the API": ((AutonomousAgent, "_by_code"),),
}
WHO = {"chrom": "browser", "node": "driver", "python": "this process: agent, database, pictures", "php": "shop"} | {
    "mariadb": "shop"
}

_inside: ContextVar[list[float] | None] = ContextVar("inside", default=None)


def time_apart(spent: Seconds) -> None:
    """Have each of these say how long it took, without what was timed within it."""
    for name, places in TIMED.items():
        for owner, method in places:
            setattr(owner, method, _timed(getattr(owner, method), name, spent))


def _timed(work: Callable[..., Awaitable[Any]], name: str, spent: Seconds) -> Callable[..., Awaitable[Any]]:
    @wraps(work)
    async def timed(*arguments: Any, **named: Any) -> Any:
        around, within, began = _inside.get(), [0.0], time.perf_counter()
        token = _inside.set(within)
        try:
            return await work(*arguments, **named)
        finally:
            _inside.reset(token)
            taken = time.perf_counter() - began
            spent[name] += taken - within[0]
            if around is not None:
                around[0] += taken

    return timed


def processors() -> Seconds:
    """Seconds that each kind of process has used so far, and the machine."""
    used: Seconds = defaultdict(float)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        who = next((who for word, who in WHO.items() if word in Path(command).name), None)
        if who and (who != WHO["python"] or int(folder.name) == os.getpid()):
            used[who] += (int(fields[11]) + int(fields[12])) / TICKS
    user, nice, system = map(int, Path("/proc/stat").read_text().split(maxsplit=4)[1:4])
    used["all of the machine"] = (user + nice + system) / TICKS
    return used


async def main(service: str, rounds: int, latency: float) -> None:
    """Take turns, and print what each used in the middle."""
    spent: Seconds = defaultdict(float)
    time_apart(spent)
    clock: list[Seconds] = []
    used: dict[str, list[Seconds]] = {"agent": [], "script": []}
    async with meeting(service, latency) as (browser, held, run):
        for number in range(rounds + 1):
            for name, turns in used.items():
                await run.autopilot.browsers.prepare()
                spent.clear()
                before = processors()
                taken = await agent(run) if name == "agent" else (await script(held, browser))[0]
                if not number:
                    continue  # it warms both up
                turns.append({who: of - before[who] for who, of in processors().items()})
                if name == "agent":
                    clock.append(dict(spent) | {REST: taken - sum(spent.values())})
    tell("seconds of the clock, agent", {"agent": clock})
    tell("seconds of a processor", used)


def tell(title: str, measured: dict[str, list[Seconds]]) -> None:
    """Print the medians, the largest first."""
    medians = {name: _medians(counted) for name, counted in measured.items()}
    print(f"{title:52}" + "".join(f"{name:>10}" for name in medians))  # noqa: T201
    first = next(iter(medians.values()))
    for each in sorted(first, key=lambda one: -first[one]):
        print(f"  {each:50}" + "".join(f"{of.get(each, 0):10.2f}" for of in medians.values()))  # noqa: T201


def _medians(counted: list[Seconds]) -> dict[str, float]:
    return {each: statistics.median(one[each] for one in counted) for each in {*chain(*counted)}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", choices=("woocommerce", "wordpress"), default="woocommerce")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--latency-ms", type=float, default=200)
    given = parser.parse_args()
    asyncio.run(main(given.on, given.rounds, given.latency_ms / 1000))
