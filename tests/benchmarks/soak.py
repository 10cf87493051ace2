"""Hundreds of operations while things go wrong at random: nothing lost, nothing doubled, nothing left, memory flat.

    .venv/bin/python -m tests.benchmarks.soak [--operations 300] [--workers 3] [--seed 1] [--write docs/reliability.md]

Workers share a PostgreSQL database; one of them is spared, so that its memory can be watched, and whoever dies is begun anew, as a
service manager does. Every few seconds something happens: a worker is killed, ended, or stopped past its lease; a browser or its driver
is killed; the database's connections are cut, for a moment or for some seconds; a shop answers 500 or 429, or not at all. Of twenty
customers one stops the run, or withdraws consent: that run can't be survived, and has to end as stopped.

It exits with 1 if an operation was lost or doubled, a chain or a picture is not what it was, something is left, the memory grows, or
fewer than 95 of 100 runs that could be survived were.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from app.practice_shop.serving import serve_application_in_thread
from app.practice_shop.web import create_app
from core.database.failures import AWAY
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import CoreError
from core.operations.picture_check import check_pictures
from core.operations.service import AlreadyOver
from core.security.people.people import Visitor
from tests.app.running import free_port
from tests.benchmarks.documents import written_into
from tests.benchmarks.processes import memory_of
from tests.conftest import upgrade_for_tests
from tests.faults.agreement import descendants
from tests.faults.embedded import CountingShop
from tests.faults.meddling import cut_off
from tests.faults.several import Several, WorkerProcess, several
from tests.faults.unwell import Illness, Trouble, UnwellShop
from tests.marked import marked
from tests.postgres import as_product, binaries, postgres_server

T = TypeVar("T")

SHOPS, LATENCY = 4, 0.03
AT_ONCE = 2
PAUSE = (2.0, 6.0)  # seconds between two faults
ASLEEP = 20.0  # seconds; longer than a lease
STOPPED_OF_TWENTY = 1
OVER_WITHIN = 900.0  # seconds, with every second try
PATIENCE = 60.0  # seconds that a person tries again for
LEAST_SURVIVED = 0.95
MOST_GROWTH = 1.15
MEBIBYTE = 1024 * 1024


@dataclass
class Shop:
    """A shop, and what makes it unwell."""

    shop: CountingShop
    unwell: UnwellShop
    url: str


@dataclass
class Asked:
    """An operation that was asked for, whether its customer stopped it, and how the last of its tries ended."""

    visitor: Visitor
    operation_id: UUID
    shop: Shop
    stopped: bool = False
    tries: int = 0  # that there were when it was stopped
    ended: OperationRow | None = None


@dataclass
class Soak:
    """What goes on."""

    house: Several
    shops: list[Shop]
    workers: list[WorkerProcess]
    spared: WorkerProcess
    chance: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry_out(self, number: int) -> None:
        """So many operations, as many at once as there are places and two more."""
        places = asyncio.Semaphore((len(self.workers) + 1) * AT_ONCE + 2)
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(one()) for one in (self._go_wrong, self._look_after, self._watch_memory)]
            asking = []
            for index in range(number):
                await places.acquire()
                asking.append(group.create_task(self._one(self.shops[index % len(self.shops)], places)))
            await asyncio.wait(asking)
            self.over.set()
            await asyncio.wait(beside)

    async def _one(self, shop: Shop, places: asyncio.Semaphore) -> None:
        try:
            visitor = await self._patiently(self.house.customer)
            view = await self._patiently(lambda: self.house.ask(visitor, shop.shop, shop.url))
            one = Asked(visitor, view.id, shop, self.chance.randrange(20) < STOPPED_OF_TWENTY)
            self.asked.append(one)
            if one.stopped:
                await asyncio.sleep(self.chance.uniform(0, 4))
                await self._stop(one)
            with suppress(TimeoutError):
                async with asyncio.timeout(OVER_WITHIN):
                    one.ended = await self._ended(one)
            self._say(one)
        finally:
            places.release()

    async def _stop(self, one: Asked) -> None:
        """As a customer does; what is over by then is not stopped any more. What is, is never tried again."""
        consents = await self._patiently(lambda: self.house.services.consents.list(one.visitor))
        withdraws = self.chance.random() < 0.5
        if withdraws:
            await self._patiently(
                lambda: self.house.services.consents.revoke(one.visitor, consents[0].id, because="a soak")
            )
        else:
            try:
                await self._patiently(
                    lambda: self.house.services.operations.cancel(one.visitor, one.operation_id, because="a soak")
                )
            except AlreadyOver:
                one.stopped = False
                return
        rows = await self._patiently(lambda: self.house.services.database.read(one.visitor.customer_id, _operations))
        one.tries = len(rows)

    async def _ended(self, one: Asked) -> OperationRow:
        """The last of its tries, once that is over."""
        while True:
            rows = await self._patiently(
                lambda: self.house.services.database.read(one.visitor.customer_id, _operations)
            )
            if rows and all(OperationStatus(row.status).is_over for row in rows):
                return max(rows, key=lambda row: row.created_at)
            await asyncio.sleep(0.5)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """What a person does whose page says that something is not right just now: they try again."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return await call()
            except AlreadyOver:
                raise
            except (*AWAY, CoreError):
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.5)

    def _say(self, one: Asked) -> None:
        ended = one.ended.status if one.ended else "LOST"
        code = f" ({one.ended.failure_code})" if one.ended and one.ended.failure_code else ""
        sys.stderr.write(f"{len(self.asked):4} {one.operation_id} {ended}{code}\n")
        sys.stderr.flush()

    async def _look_after(self) -> None:
        """Begin anew whoever has died."""
        while not self.over.is_set():
            for index, one in enumerate(self.workers):
                if one.process.poll() is not None:
                    self.house.workers.remove(one)
                    self.workers[index] = self.house.worker(AT_ONCE)
            await self._pause(0.5)

    async def _watch_memory(self) -> None:
        while not self.over.is_set():
            used = await asyncio.to_thread(memory_of, [self.spared.process.pid])
            self.memory.append(used / MEBIBYTE)
            await self._pause(5.0)

    async def _go_wrong(self) -> None:
        """One thing after the other."""
        ways = [self._kill, self._end, self._put_to_sleep, self._kill_browser, self._kill_driver]
        ways += [self._cut_once, self._cut_off, self._make_unwell, self._make_unwell]
        while not self.over.is_set():
            await self._pause(self.chance.uniform(*PAUSE))
            way = self.chance.choice(ways)
            self.happened[way.__name__.strip("_").replace("_", " ")] += 1
            await way()
            for shop in self.shops:
                shop.unwell.troubles.clear()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()

    def _some_worker(self) -> WorkerProcess:
        return self.chance.choice(self.workers)

    async def _kill(self) -> None:
        await asyncio.to_thread(self._some_worker().kill)

    async def _end(self) -> None:
        await asyncio.to_thread(self._some_worker().stop)

    async def _put_to_sleep(self) -> None:
        one = self._some_worker()
        with suppress(ProcessLookupError):
            one.process.send_signal(signal.SIGSTOP)
            await self._pause(ASLEEP)
            one.process.send_signal(signal.SIGCONT)

    async def _kill_browser(self) -> None:
        self._kill_below("--remote-debugging-pipe")

    async def _kill_driver(self) -> None:
        self._kill_below("run-driver")

    def _kill_below(self, words: str) -> None:
        for number, command in descendants(self._some_worker().process.pid).items():
            if words in command and "--type=" not in command:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

    async def _cut_once(self) -> None:
        await asyncio.to_thread(cut_off, self.house.services.database, 0.0)

    async def _cut_off(self) -> None:
        await asyncio.to_thread(cut_off, self.house.services.database, self.chance.uniform(1, 8))

    async def _make_unwell(self) -> None:
        illness = self.chance.choice([Illness.ERROR_500, Illness.TOO_MANY, Illness.HANGS])
        self.chance.choice(self.shops).unwell.troubles.append(Trouble(illness, "/wp-"))
        await self._pause(self.chance.uniform(1, 4))


@dataclass(frozen=True)
class Found:
    """What came of it all."""

    lost: int
    doubled: int
    wrong: list[str]
    survivable: int
    survived: int
    growth: float
    left: list[str]

    @property
    def is_good(self) -> bool:
        """Whether every goal was met."""
        clean = not (self.lost or self.doubled or self.wrong or self.left)
        return clean and self.survived >= LEAST_SURVIVED * self.survivable and self.growth <= MOST_GROWTH


async def found(soak: Soak) -> Found:
    """Hold everything against everything, once all is over."""
    wrong = []
    for one in soak.asked:
        wrong += await _wrong_with(soak.house, one)
    survivable = [one for one in soak.asked if not one.stopped]
    third = max(1, len(soak.memory) // 3)
    return Found(
        lost=sum(one.ended is None for one in soak.asked),
        doubled=sum(max(0, shop.shop.most_of_a_name - 1) for shop in soak.shops),
        wrong=wrong,
        survivable=len(survivable),
        survived=sum(one.ended is not None and one.ended.status == OperationStatus.COMPLETED for one in survivable),
        growth=statistics.median(soak.memory[-third:]) / statistics.median(soak.memory[third : 2 * third]),
        left=[],
    )


async def _wrong_with(house: Several, one: Asked) -> list[str]:
    """What does not fit of one customer's."""
    told, services, customer_id = [], house.services, one.visitor.customer_id
    verified = await services.trail.verify(one.visitor)
    if not verified.intact:
        told.append(f"{customer_id}: the chain does not verify: {verified.because}")
    if fault := await check_pictures(services.database, services.pictures, customer_id):
        told.append(f"{customer_id}: entry {fault.seq}: {fault.because}")
    rows = await services.database.read(customer_id, _operations)
    keys = [key for row in rows for key in one.shop.shop.keys if str(row.id)[:8] in key.description]
    if one.tries and len(rows) > one.tries:
        told.append(f"{customer_id}: it was stopped, and tried again all the same")
    done = one.ended is not None and one.ended.status == OperationStatus.COMPLETED
    named = " ".join(row.left_behind or "" for row in rows)
    if done and len(keys) - sum(key.description in named for key in keys) != 1:
        told.append(f"{customer_id}: it is done, and the shop has {[key.description for key in keys]}")
    if not done and any(key.description not in named for key in keys):
        told.append(f"{customer_id}: it is not done, {len(keys)} keys are left, and it names “{named}”")
    return told


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[tuple[Several, list[Shop]]]:
    """A database and some shops."""
    binary = binaries()
    assert binary, "there is no PostgreSQL here"
    async with AsyncExitStack() as stack:
        server = stack.enter_context(postgres_server(binary))
        url = stack.enter_context(server.database())
        await asyncio.to_thread(upgrade_for_tests, url)
        ports = tuple(free_port() for _ in range(SHOPS))
        shops = []
        for port in ports:
            shop = CountingShop(passwords={name: marked() for name in ("admin", "manager", "reader")})
            shop.latency_seconds = LATENCY
            unwell = UnwellShop(create_app(shop))
            shops.append(Shop(shop, unwell, stack.enter_context(serve_application_in_thread(unwell, port))))
        yield await stack.enter_async_context(several(folder, as_product(url), ports)), shops


async def run(operations: int, workers: int, seed: int, folder: Path) -> tuple[Soak, Found]:
    """The whole of it."""
    async with place(folder) as (house, shops):
        working, spared = [house.worker(AT_ONCE) for _ in range(workers)], house.worker(AT_ONCE)
        for one in (*working, spared):
            await house.ready(one)
        soak = Soak(house, shops, working, spared, random.Random(seed))  # noqa: S311  repeatable, not secret
        await soak.carry_out(operations)
        for one in (*soak.workers, spared):
            if one.process.poll() is None:
                await asyncio.to_thread(one.stop)
        came = await found(soak)
    return soak, replace(came, left=await asyncio.to_thread(left_in, folder))


def left_in(folder: Path) -> list[str]:
    """Processes and temporary folders that are there still, once all is over."""
    left = [str(path.relative_to(folder)) for path in folder.rglob("browser")]
    left += [str(path.relative_to(folder)) for path in folder.rglob("*.part")]
    return left + [command for command in descendants(os.getpid()).values() if command]


def told(soak: Soak, came: Found, command: str, seconds: float) -> str:
    """What it was, and what came of it."""
    faults = ", ".join(f"{what} {times}" for what, times in sorted(soak.happened.items()))
    share = 100 * came.survived / max(1, came.survivable)
    ends = Counter(one.ended.status if one.ended else "lost" for one in soak.asked)
    return "\n".join(
        [
            f"Made on {datetime.now(UTC):%d %B %Y} by `{command}`: {len(soak.asked)} operations in {seconds / 60:.0f} minutes, "
            f"{sum(soak.happened.values())} faults ({faults}).",
            "",
            "| lost | double keys | broken chains, pictures, keys nobody names | survived, of those that could be | memory, last third to the middle one | left behind |",
            "|--:|--:|--:|--:|--:|--:|",
            f"| {came.lost} | {came.doubled} | {len(came.wrong)} | {came.survived} of {came.survivable} ({share:.1f} %) | {came.growth:.2f} | {len(came.left)} |",
            "",
            f"They ended: {', '.join(f'{what} {times}' for what, times in sorted(ends.items()))}.",
        ]
    )


def _operations(session: CustomerSession) -> list[OperationRow]:
    """Every try, the first first."""
    return list(session.exec(select(OperationRow).order_by(col(OperationRow.created_at))))


def main() -> int:
    """The command; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=300)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="autopilot-soak-", ignore_cleanup_errors=True) as folder:
        soak, came = asyncio.run(run(given.operations, given.workers, given.seed, Path(folder)))
    command = (
        f"python -m tests.benchmarks.soak --operations {given.operations} --workers {given.workers} --seed {given.seed}"
    )
    text = told(soak, came, command, time.monotonic() - began)
    sys.stdout.write("\n".join([text, *came.wrong, *came.left]) + "\n")
    if given.write:
        written_into(given.write, "soak", text)
    return 0 if came.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
