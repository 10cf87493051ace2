"""Runs every runner at every changed shop that is asked for, a few at once, and collects the verdicts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.async_api import Browser

from app.practice_shop.serving import serve_application
from tests.benchmarks.drift.drifted_shop import DriftedShop
from tests.benchmarks.drift.judge import Judge, Verdict
from tests.benchmarks.drift.person import Person
from tests.benchmarks.drift.plain_script import PlainScript
from tests.benchmarks.drift.running import LOGIN, Ran, Runner, Wanted

OWN_KEY = ("Warehouse app", "manager", "read_write")  # what stands in the shop before anybody comes
LONGEST_RUN = 180  # seconds; a run that takes longer has not ended by itself

Makes = Callable[[Sequence[str]], Runner]


@dataclass(frozen=True)
class Case:
    """One changed shop, and who is sent there."""

    slugs: tuple[str, ...]
    who: str


@dataclass(frozen=True)
class Outcome:
    """How it went there."""

    case: Case
    ran: Ran
    verdict: Verdict


async def outcome(case: Case, runner: Runner) -> Outcome:
    """One run at a shop of its own, judged."""
    drifted = DriftedShop(case.slugs, shows_the_way=case.who == "person")
    drifted.shop.make_key(*OWN_KEY)
    before = drifted.shop.keys
    async with serve_application(drifted) as address:
        wanted = Wanted(address, drifted.shop.password_of(LOGIN))
        try:
            async with asyncio.timeout(LONGEST_RUN):
                ran = await runner(wanted)
        except TimeoutError:
            ran = Ran(ended=f"It had not ended after {LONGEST_RUN} s.")
    return Outcome(case, ran, Judge(drifted, wanted, before).verdict(ran))


async def outcomes(
    cases: Sequence[Case], makes: dict[str, Makes], jobs: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """All of them, `jobs` at once; each is told as it ends."""
    places = asyncio.Semaphore(jobs)

    async def one(case: Case) -> Outcome:
        async with places:
            ended = await outcome(case, makes[case.who](case.slugs))
            tell(ended)
            return ended

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one(case)) for case in cases]
    return [task.result() for task in running]


def without_agent(browser: Browser) -> dict[str, Makes]:
    """Who needs nothing but a browser."""
    return {
        "script": lambda slugs: PlainScript(browser),
        "person": lambda slugs: Person(browser, other_menu="other-menu" in slugs),
    }
