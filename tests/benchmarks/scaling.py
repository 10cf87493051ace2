"""What more workers, and more runs at once in one worker, bring: operations a minute, as ratios to one in the same run.

    .venv/bin/python -m tests.benchmarks.scaling [workers|at-once|waiting ...] [--rounds 3] [--operations 4] [--latency-ms 200]

`workers`  1, 2 and 4 workers on PostgreSQL, one run at a time each
`at-once`  one worker with 1, 4 and 8 runs at once, with the memory of its processes at their most
`waiting`  how long it takes from asking to the start in another process, and from a stop until the shop hears nothing more

The shop is the practice shop, which takes that long for every answer. Each round measures every number once, in turn. Every
operation belongs to a customer of its own, so that none waits for another's turn.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.practice_shop.shop import PracticeShop
from core.operations.views import OperationView
from core.security.consent.agreement import Purpose
from core.security.people.people import Visitor
from tests.app.running import free_port
from tests.app.watching import until
from tests.benchmarks.processes import Memory
from tests.conftest import upgrade_for_tests
from tests.faults.several import Several, WorkerProcess, several, shop_at
from tests.postgres import as_product, binaries, postgres_server

WORKERS, AT_ONCE = (1, 2, 4), (1, 4, 8)
LEAST_RATIO = {("workers", 2): 1.8, ("workers", 4): 3.2}
START_TRIES, STOP_TRIES = 20, 20
MEBIBYTE = 1024 * 1024


@dataclass
class Measured:
    """Of one number of workers or runs: operations a minute by round, and the most memory in MiB."""

    a_minute: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Stand:
    """What is measured on: a database, a shop, and the workers that a measurement starts."""

    house: Several
    shop: PracticeShop
    url: str

    async def batch(self, number: int) -> float:
        """Ask for so many operations at once; seconds until the last is over."""
        visitors = [await self.house.customer(f"Customer {index}") for index in range(number)]
        begun = time.perf_counter()
        asked = [await self.house.ask(visitor, self.shop, self.url) for visitor in visitors]
        ended = [await self.house.ended(visitor, one.id) for visitor, one in zip(visitors, asked, strict=True)]
        failed = [one.failure for one in ended if one.failure]
        assert not failed, failed
        return time.perf_counter() - begun


@asynccontextmanager
async def stand(latency: float) -> AsyncIterator[Stand]:
    """A server and a shop of their own."""
    found = binaries()
    assert found, "there is no PostgreSQL here"
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres_server(found))
        url = stack.enter_context(server.database())
        upgrade_for_tests(url)
        port = free_port()
        shop, address = stack.enter_context(shop_at(port, PracticeShop(latency_seconds=latency)))
        house = await stack.enter_async_context(several(folder, as_product(url), (port,)))
        yield Stand(house, shop, address)


async def measure(on: Stand, workers: list[WorkerProcess], operations: int, into: Measured) -> None:
    """One batch, after each worker has its browser."""
    await on.batch(len(workers))
    with Memory([one.process.pid for one in workers]) as memory:
        seconds = await on.batch(operations)
    into.a_minute.append(60 * operations / seconds)
    into.memory.append(memory.most / MEBIBYTE)


async def by_workers(rounds: int, operations: int, latency: float) -> dict[int, Measured]:
    """So many operations a worker, with more and more workers."""
    found = {number: Measured() for number in WORKERS}
    async with stand(latency) as on:
        for _ in range(rounds):
            for number in WORKERS:
                async with working(on, number, at_once=1) as workers:
                    await measure(on, workers, operations * number, found[number])
    return found


async def by_runs_at_once(rounds: int, operations: int, latency: float) -> dict[int, Measured]:
    """So many operations a place, with more and more places in one worker."""
    found = {number: Measured() for number in AT_ONCE}
    async with stand(latency) as on:
        for _ in range(rounds):
            for number in AT_ONCE:
                async with working(on, 1, at_once=number) as workers:
                    await measure(on, workers, operations * number, found[number])
    return found


@asynccontextmanager
async def working(on: Stand, number: int, at_once: int) -> AsyncIterator[list[WorkerProcess]]:
    """So many workers, which have ended afterwards."""
    workers = [on.house.worker(at_once) for _ in range(number)]
    for one in workers:
        await on.house.ready(one)
    yield workers
    for one in workers:
        one.stop()
        on.house.workers.remove(one)


async def waiting(latency: float) -> tuple[list[float], list[float]]:
    """Milliseconds from asking to the start, and from a stop until the last request that the shop hears."""
    starts: list[float] = []
    stops: list[float] = []
    async with stand(latency) as on, working(on, 2, at_once=2):
        await on.batch(2)
        for _ in range(START_TRIES):
            visitor = await on.house.customer()
            ended = await on.house.ended(visitor, (await on.house.ask(visitor, on.shop, on.url)).id)
            row = await on.house.row(visitor, ended.id)
            assert row.started_at
            starts.append((row.started_at - row.created_at).total_seconds() * 1000)
        stops += [await _stopped(on, await on.house.customer()) for _ in range(STOP_TRIES)]
    return starts, stops


async def _stopped(on: Stand, visitor: Visitor) -> float:
    """Withdraw the consent in the middle of a run; milliseconds until the last request that came after it."""

    def fills_in(view: OperationView) -> bool:
        return view.current_step >= 4

    asked = await on.house.ask(visitor, on.shop, on.url)
    await until(on.house.services, visitor, asked.id, fills_in)
    consent = next(one for one in await on.house.services.consents.list(visitor) if one.purpose is Purpose.ACT)
    before, begun = len(on.shop.requests), time.perf_counter()
    await on.house.services.consents.revoke(visitor, consent.id, because="not any more")
    last = begun
    while time.perf_counter() - last < 1.0 + 2 * on.shop.latency_seconds:
        if len(on.shop.requests) != before:
            before, last = len(on.shop.requests), time.perf_counter()
        await asyncio.sleep(0.005)
    return (last - begun) * 1000


def told(what: str, found: dict[int, Measured]) -> bool:
    """Print the figures; whether every ratio is what it should be."""
    first, well = min(found), True
    for number, measured in found.items():
        ratios = [one / base for one, base in zip(measured.a_minute, found[first].a_minute, strict=True)]
        ratio, least = statistics.median(ratios), LEAST_RATIO.get((what, number), 0.0)
        well = well and ratio >= least
        asked = f" (at least {least})" if least else ""
        a_minute, memory = statistics.median(measured.a_minute), max(measured.memory)
        print(f"{what:8} {number}: {a_minute:5.1f} a minute, ratio {ratio:.2f}{asked}, at most {memory:.0f} MiB")  # noqa: T201
    print(f"load {os.getloadavg()[0]:.1f}")  # noqa: T201
    return well


def p95(measured: list[float]) -> float:
    """What 95 of a hundred are not above."""
    return statistics.quantiles(measured, n=20, method="inclusive")[-1]


def main(parts: list[str], rounds: int, operations: int, latency: float) -> int:
    """Measure these; 1 if a ratio is too low."""
    kinds: dict[str, Callable[[int, int, float], Coroutine[None, None, dict[int, Measured]]]] = {
        "workers": by_workers,
        "at-once": by_runs_at_once,
    }
    well = True
    for name, measure_it in kinds.items():
        if name in parts:
            found = asyncio.run(measure_it(rounds, operations, latency))
            well = told(name, found) and well
    if "waiting" in parts:
        starts, stops = asyncio.run(waiting(latency))
        print(f"from asking to the start: p50 {statistics.median(starts):.0f} ms, p95 {p95(starts):.0f} ms")  # noqa: T201
        print(f"from a stop to the last request: p50 {statistics.median(stops):.0f} ms, p95 {p95(stops):.0f} ms")  # noqa: T201
        well = well and p95(stops) <= 1000
    return 0 if well else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["workers", "at-once", "waiting"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--operations", type=int, default=4, help="for each worker, or each run at once")
    parser.add_argument("--latency-ms", type=float, default=200)
    given = parser.parse_args()
    sys.exit(main(given.parts, given.rounds, given.operations, given.latency_ms / 1000))
