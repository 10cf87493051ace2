"""How well runs survive when the shop's pages have changed.

    .venv/bin/python -m tests.benchmarks.drift [--alone | --pairs] [--kinds reworded,ids] [--only agent|script|person]
        [--planner recorded|without-a-model|wrong-model|malicious-model|useless-model]
        [--rounds 1] [--sample 40] [--jobs 2] [--write docs/drift.md]

Each run is at a practice shop of its own, whose pages are changed on their way out (kinds.py), and is judged by what reached
the shop (judge.py). `agent` is the agent with what decides its steps (agent_run.py), `script` what Playwright records on the
unchanged shop, `person` somebody who is told the new way. What another planner than the usual one comes to is written as one
line. It exits with 1 if an agent did something that it should not have.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.benchmarks.documents import written_into
from tests.benchmarks.drift.agent_run import PLANNERS, agents
from tests.benchmarks.drift.kinds import KINDS, in_order, pairs
from tests.benchmarks.drift.matrix import Case, Makes, Outcome, outcomes, without_agent
from tests.benchmarks.drift.table import in_short, told
from tests.browser import browser_like_ours

USUAL = "without-a-model"
RUNNERS = ("agent", "script")  # the person is asked for by name: they reach the goal by definition


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--alone", action="store_true", help="each kind by itself, and no pairs")
    which.add_argument("--pairs", action="store_true", help="pairs, and no kind by itself")
    parser.add_argument("--kinds", default="", help="only these, and pairs with one of these; separated by commas")
    parser.add_argument("--only", choices=(*RUNNERS, "person"))
    parser.add_argument("--planner", choices=sorted(PLANNERS), default=USUAL, help="who decides the agent's steps")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="so many of the pairs, always the same ones; 0 takes all")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once")
    parser.add_argument("--write", type=Path, help="a document that gets the tables between its markers")
    return parser.parse_args()


def shops(given: argparse.Namespace) -> list[tuple[str, ...]]:
    """The changed shops that are asked for, by their kinds; first the unchanged one, if there is no other restriction."""
    wanted = {kind.slug for kind in (in_order(given.kinds.split(",")) if given.kinds else KINDS)}
    alone = [(kind.slug,) for kind in KINDS if kind.slug in wanted]
    both = [(one.slug, other.slug) for one, other in pairs() if wanted & {one.slug, other.slug}]
    if 0 < given.sample < len(both):
        both = random.Random(0).sample(both, given.sample)  # noqa: S311  a fixed sample, to compare with
    unchanged: list[tuple[str, ...]] = [] if given.kinds else [()]
    return [*([] if given.pairs else [*unchanged, *alone]), *([] if given.alone else both)]


async def measured(given: argparse.Namespace) -> list[Outcome]:
    """Every runner that is asked for at every such shop."""
    who = (given.only,) if given.only else RUNNERS
    # One runner after the other: beside agents, and while their browser is launched, the script's time would run out.
    cases = [Case(slugs, one) for one in who for slugs in shops(given) for _ in range(given.rounds)]
    if given.only == "person":
        cases = [case for case in cases if case.slugs]  # nothing shows the way where nothing has changed
    async with AsyncExitStack() as stack:
        makes: dict[str, Makes] = {}
        if "agent" in who:
            agent = await stack.enter_async_context(agents(PLANNERS[given.planner], at_once=given.jobs))
            makes["agent"] = lambda slugs: agent
        if set(who) - {"agent"}:
            makes |= without_agent(await stack.enter_async_context(browser_like_ours()))
        return await outcomes(cases, makes, given.jobs, _tell)


def did_wrong(outcomes: Sequence[Outcome]) -> bool:
    """Whether an agent did something that it should not have."""
    return any(one.verdict.wrong for one in outcomes if one.case.who == "agent")


def main() -> None:
    """Measure, and print the tables."""
    given = options()
    ended = asyncio.run(measured(given))
    table = told(ended)
    sys.stdout.write(f"{table}\n")
    if given.write and given.planner == USUAL:
        written_into(given.write, "drift", table)
    elif given.write:
        written_into(given.write, f"drift, {given.planner}", in_short(ended, given.planner))
    sys.exit(did_wrong(ended))


def _tell(outcome: Outcome) -> None:
    """A sign of life for each run, apart from the tables."""
    verdict, name = outcome.verdict, " + ".join(outcome.case.slugs) or "unchanged"
    how = "goal" if verdict.reached else verdict.missing
    sys.stderr.write(f"{outcome.case.who:6} {name:32} {how} {' '.join(verdict.wrong)}\n")


if __name__ == "__main__":
    main()
