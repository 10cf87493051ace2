"""Measures cases, each with its control: in several processes, for a guard that is taken out is out for its whole process."""

import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from core.browser.sessions import Browsers
from tests.benchmarks.injection.groups.every import EVERY
from tests.benchmarks.injection.run import Ran, browser, run


@dataclass(frozen=True)
class Measured:
    """A case by its name: what reached the world with the guards, and what without."""

    name: str
    guarded: Ran
    control: Ran

    @property
    def proves(self) -> bool:
        """Whether the same attack works without the guards; if it does not, that it does not work with them says nothing."""
        return bool(self.control.reached)

    @property
    def is_hole(self) -> bool:
        """Whether something reached the world nevertheless."""
        return bool(self.guarded.reached)


@dataclass(frozen=True)
class All:
    """Everything that was measured, and the browser that it was measured with."""

    measured: tuple[Measured, ...]
    browser: str


async def both(name: str, browsers: Browsers) -> Measured:
    """The case, then its control."""
    case = EVERY[name]
    return Measured(name, await run(case, browsers), await run(case, browsers, control=True))


def measure(names: Sequence[str], jobs: int) -> All:
    """All of these, in so many processes at once."""
    shares = [names[at::jobs] for at in range(min(jobs, len(names)))]
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        told = list(pool.map(_share, shares))
    found = {one.name: one for share in told for one in share.measured}
    return All(tuple(found[name] for name in names), told[0].browser)


def _share(names: Sequence[str]) -> All:
    return asyncio.run(_measured(names))


async def _measured(names: Sequence[str]) -> All:
    async with browser() as browsers:
        version, measured = await browsers.version(), list[Measured]()
        for name in names:
            measured.append(await both(name, browsers))
            _tell(measured[-1])
        return All(tuple(measured), version)


def _tell(one: Measured) -> None:
    """A sign of life for each case, apart from the table."""
    how = "REACHED" if one.is_hole else "held" if one.proves else "inconclusive"
    sys.stderr.write(f"{how:12} {one.name:44} {' '.join(one.guarded.reached)}\n")
    sys.stderr.flush()
