"""Workers that share a PostgreSQL database: each operation is carried out once, whoever is killed, stopped or cut off."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from app.practice_shop.shop import PracticeShop
from core.database.states import OperationStatus
from core.operations.picture_check import check_pictures
from core.operations.views import OperationView
from core.security.people.people import Visitor
from tests.app.running import free_port
from tests.app.watching import until
from tests.faults.meddling import cut_off, who_has
from tests.faults.several import Several, several, shop_at
from tests.postgres import PostgresServer, as_product

FILLS_IN = 5  # the first steps of the shop's own form for keys
SLOW = 0.15  # seconds for each answer of the shop, so that there is time to meddle
CANCELLED_WITHIN = 1.0  # seconds


@pytest.fixture
async def house(tmp_path: Path, postgres: PostgresServer, postgres_template: str) -> AsyncIterator[Several]:
    """On a database of its own: a test may cut everybody off from it."""
    ports = tuple(free_port() for _ in range(4))
    with postgres.database(like=postgres_template) as url:
        async with several(tmp_path, as_product(url), ports) as made:
            yield made


@dataclass(frozen=True)
class UnderWay:
    """An operation that was asked for at a shop slow enough to meddle with its run."""

    shop: PracticeShop
    url: str
    visitor: Visitor
    asked: OperationView


@asynccontextmanager
async def under_way(house: Several, workers: int = 2) -> AsyncIterator[UnderWay]:
    """One that these workers are there for."""
    with shop_at(house.ports[0]) as (shop, url):
        shop.latency_seconds = SLOW
        await asyncio.gather(*(house.ready(house.worker(2)) for _ in range(workers)))
        visitor = await house.customer()
        yield UnderWay(shop, url, visitor, await house.ask(visitor, shop, url))


async def agrees(house: Several, visitor: Visitor, operation_id: UUID) -> None:
    """Chain and pictures are what they say."""
    verified = await house.services.trail.verify(visitor)
    assert (verified.intact, verified.because) == (True, "")
    assert await check_pictures(house.services.database, house.services.pictures, visitor.customer_id) is None


async def test_what_a_killed_worker_had_another_goes_on_with(house: Several) -> None:
    async with under_way(house) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        (await who_has(house, visitor, asked, FILLS_IN)).kill()
        done = await house.ended(visitor, asked.id)
        assert (done.status, done.failure) == (OperationStatus.COMPLETED, None)
        assert ((await house.row(visitor, asked.id)).fence, len(shop.keys)) == (2, 1)
    await agrees(house, visitor, asked.id)


async def test_a_worker_that_was_asleep_past_its_lease_does_nothing_more(house: Several) -> None:
    """It wakes in the middle of a request that another worker has meanwhile done: nothing of it leaves the process."""
    async with under_way(house) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        asleep = await who_has(house, visitor, asked, FILLS_IN)
        asleep.process.send_signal(signal.SIGSTOP)
        done = await house.ended(visitor, asked.id)
        assert done.status is OperationStatus.COMPLETED
        entries, before = await house.services.trail.read(visitor), tuple(shop.requests)
        asleep.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(20 * SLOW)  # that nothing comes can only be waited for
        assert (tuple(shop.requests), await house.services.trail.read(visitor)) == (before, entries)
        assert len(shop.keys) == 1
        assert asleep.stop() == 0
    await agrees(house, visitor, asked.id)


async def test_what_a_worker_hands_back_at_its_end_another_has_at_once(house: Several) -> None:
    async with under_way(house) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        assert (await who_has(house, visitor, asked, FILLS_IN)).stop() == 0
        row = await house.row(visitor, asked.id)
        assert (row.attempt, row.status in {"pending", "in_progress"}) == (row.fence - 1, True)
        done = await house.ended(visitor, asked.id)
        assert (done.status, len(shop.keys)) == (OperationStatus.COMPLETED, 1)


async def test_a_stop_here_stops_the_next_request_there_within_a_second(house: Several) -> None:
    async with under_way(house, workers=1) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        await who_has(house, visitor, asked, FILLS_IN)
        consent = (await house.services.consents.list(visitor))[0]
        asked_at = time.monotonic()
        await house.services.consents.revoke(visitor, consent.id, because="not any more")
        await asyncio.sleep(CANCELLED_WITHIN - (time.monotonic() - asked_at))
        before = tuple(shop.requests)
        await asyncio.sleep(10 * SLOW)  # that nothing comes can only be waited for
        assert tuple(shop.requests) == before
        assert (await house.services.operations.status(visitor, asked.id)).status is OperationStatus.CANCELLED


async def test_a_cancelled_run_cleans_up_at_the_shop_in_another_process(house: Several) -> None:
    async with under_way(house, workers=1) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        await until(house.services, visitor, asked.id, lambda _: bool(shop.keys))
        await house.services.operations.cancel(visitor, asked.id, because="not today")
        done = await house.ended(visitor, asked.id)
        assert (done.status, shop.keys) == (OperationStatus.CANCELLED, ())
        assert done.failure is not None
        assert (done.failure.sentence, done.failure.left_behind) == ("not today", "")


async def test_a_database_that_is_away_for_ten_seconds_loses_nothing(house: Several) -> None:
    async with under_way(house) as run:
        shop, visitor, asked = run.shop, run.visitor, run.asked
        await who_has(house, visitor, asked, FILLS_IN)
        await asyncio.to_thread(cut_off, house.services.database, 10.0)
        done = await house.ended(visitor, asked.id)
        assert (done.status, done.failure) == (OperationStatus.COMPLETED, None)
        assert len(shop.keys) == 1
        again = await house.ask(await house.customer("Coffee Shop"), shop, run.url)  # and they are woken as before
        assert again.status is OperationStatus.PENDING
    await agrees(house, visitor, asked.id)


async def test_a_busy_customer_starves_nobody(house: Several) -> None:
    """One has asked for four shops, another for one afterwards: of two places, the second has one as soon as any is free."""
    shops = [shop_at(port) for port in house.ports]
    opened = [one.__enter__() for one in shops]
    try:
        busy, other = await house.customer("Busy"), await house.customer("Other")
        many = [await house.ask(busy, shop, url) for shop, url in opened]
        one = await house.ask(other, *opened[0])
        await house.ready(house.worker(2))
        done = await house.ended(other, one.id)
        assert done.status is OperationStatus.COMPLETED
        rows = [await house.row(busy, each.id) for each in many]
        assert sum(row.started_at is not None for row in rows) < len(rows)
        for each in many:
            assert (await house.ended(busy, each.id)).status is OperationStatus.COMPLETED
        assert [len(shop.keys) for shop, _ in opened] == [2, 1, 1, 1]
    finally:
        for each_shop in shops:
            each_shop.__exit__(None, None, None)
