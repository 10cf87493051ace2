"""The rows of several workers on one PostgreSQL database."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.practice_shop.serving import serve_in_thread
from core.operations.views import OperationView
from core.security.audit.audit_log import AuditAction
from core.security.people.people import Visitor
from tests.app.running import free_port
from tests.app.watching import until
from tests.conftest import upgrade_for_tests
from tests.faults.agreement import disagreements_of
from tests.faults.embedded import CountingShop
from tests.faults.fault_case import LOST, FaultCase, Tried, Try
from tests.faults.meddling import cut_off, who_has
from tests.faults.several import Several, WorkerProcess, several
from tests.marked import marked
from tests.postgres import as_product, binaries, postgres_server

A = AuditAction
INTENTS = 9  # of a run's, those that are done in the browser
SLOW = 0.1  # seconds for each answer of the shop
OVER_WITHIN = 90.0  # seconds


@dataclass
class Scene:
    """One operation under way at one shop, with two workers, one of which has it."""

    house: Several
    shop: CountingShop
    visitor: Visitor
    asked: OperationView
    worker: WorkerProcess
    began: float = field(default_factory=time.time)

    def now(self) -> None:
        """It happens at this moment."""
        self.began = time.time()


Meddle = Callable[[Scene], Awaitable[None]]


def several_cases() -> list[FaultCase]:
    """All rows, in the order of the table."""
    return list(_cases())


def _cases() -> Iterator[FaultCase]:
    yield FaultCase("of two workers, the one that has it is killed", meddled(_killed))
    yield FaultCase("both workers are killed, and another begins", meddled(_both_killed))
    yield FaultCase("a worker is stopped past its lease, and woken", meddled(_asleep))
    yield FaultCase("a worker is told to end", meddled(_ended))
    yield FaultCase("the database is away for ten seconds", meddled(_cut_off))
    yield FaultCase("every connection to the database is cut once", meddled(_cut_once))
    yield FaultCase("it is stopped in another process", meddled(_cancelled))
    yield FaultCase("its consent is withdrawn in another process", meddled(_withdrawn))


def meddled(meddle: Meddle) -> Try:
    """Meddle at an intent that is the number of the try."""

    async def attempt(folder: Path, number: int) -> Tried:
        async with scene(folder, at=1 + number % INTENTS) as made:
            made.now()
            await meddle(made)
            return await outcome(made)

    return attempt


@asynccontextmanager
async def scene(folder: Path, at: int) -> AsyncIterator[Scene]:
    """A server, a shop and two workers of their own, and a run that has come to this step."""
    found = binaries()
    assert found, "there is no PostgreSQL here"
    shop, port = CountingShop(passwords={name: marked() for name in ("admin", "manager", "reader")}), free_port()
    shop.latency_seconds = SLOW
    with postgres_server(found) as server, server.database() as url, serve_in_thread(shop, port) as address:
        await asyncio.to_thread(upgrade_for_tests, url)
        async with several(folder, as_product(url), (port,)) as house:
            await asyncio.gather(*(house.ready(house.worker(2)) for _ in range(2)))
            visitor = await house.customer()
            asked = await house.ask(visitor, shop, address)
            worker = await who_has(house, visitor, asked, at)
            yield Scene(house, shop, visitor, asked, worker)


async def outcome(made: Scene) -> Tried:
    """What came of it, once it is over."""
    services, visitor, operation_id = made.house.services, made.visitor, made.asked.id
    try:
        async with asyncio.timeout(OVER_WITHIN):
            view = await until(services, visitor, operation_id, lambda one: one.status.is_over)
    except TimeoutError:
        return Tried(LOST, made.shop.most_keys)
    wrong = await disagreements_of(made.house.autopilot, visitor, made.shop)
    return Tried(view.status.value, made.shop.most_keys, tuple(wrong), None, await _went_on(made))


async def _went_on(made: Scene) -> float | None:
    """Seconds from the fault until the next worker had its first intent; nothing where none took over."""
    entries = sorted(await made.house.services.trail.read(made.visitor), key=lambda entry: entry.seq)
    resumed = next((entry.seq for entry in entries if entry.action == A.OPERATION_RESUMED), None)
    intents = [entry for entry in entries if resumed and entry.seq > resumed and entry.action == A.STEP_INTENDED]
    return max(0.0, intents[0].at.timestamp() - made.began) if intents else None


async def _killed(made: Scene) -> None:
    made.worker.kill()


async def _both_killed(made: Scene) -> None:
    for one in made.house.workers:
        one.kill()
    made.house.worker(2)


async def _asleep(made: Scene) -> None:
    made.worker.process.send_signal(signal.SIGSTOP)
    try:
        await until(made.house.services, made.visitor, made.asked.id, lambda one: one.status.is_over)
    finally:
        made.worker.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(2.0)  # what it would do now has to have its time


async def _ended(made: Scene) -> None:
    await asyncio.to_thread(made.worker.stop)


async def _cut_off(made: Scene) -> None:
    await asyncio.to_thread(cut_off, made.house.services.database, 10.0)


async def _cut_once(made: Scene) -> None:
    await asyncio.to_thread(cut_off, made.house.services.database, 0.0)


async def _cancelled(made: Scene) -> None:
    await made.house.services.operations.cancel(made.visitor, made.asked.id, because="not today")


async def _withdrawn(made: Scene) -> None:
    given = (await made.house.services.consents.list(made.visitor))[0]
    await made.house.services.consents.revoke(made.visitor, given.id, because="not any more")
