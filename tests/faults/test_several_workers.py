"""Two workers on one PostgreSQL database, with a process that only serves: one carries out each operation, and all see it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.database.session import Database
from core.database.states import OperationStatus
from tests.app.running import free_port
from tests.faults.several import Several, several, shop_at


@pytest.fixture
async def house(tmp_path: Path, postgres_database: Database) -> AsyncIterator[Several]:
    ports = tuple(free_port() for _ in range(3))
    async with several(tmp_path, postgres_database.url.render_as_string(hide_password=False), ports) as made:
        yield made


async def test_what_one_process_is_asked_another_carries_out(house: Several) -> None:
    port = int(house.settings.allowed_hosts.split(",")[0].rpartition(":")[2])
    with shop_at(port) as (shop, url):
        await house.ready(house.worker())
        visitor = await house.customer()
        asked = await house.ask(visitor, shop, url)
        done = await house.ended(visitor, asked.id)
        assert (done.status, done.failure) == (OperationStatus.COMPLETED, None)
        assert len(shop.keys) == 1
    assert house.workers[0].stop() == 0
