"""Several dashboards on one database: any of them answers for the others, and one that dies takes nothing along."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.operations.service import NewOperation
from core.security.people.sessions import COOKIE
from tests.app.api.calling import API, ASKED, OUR_PAGE
from tests.app.running import free_port
from tests.faults.several import OPERATION, PERMITTED, SERVICE, Several, several, shop_at
from tests.postgres import PostgresServer, as_product

SLOW = 0.15  # seconds for each answer of the shop, so that there is time to meddle
KILLED_IN = 5  # the step in which the first dashboard dies


@pytest.fixture
async def house(tmp_path: Path, postgres: PostgresServer, postgres_template: str) -> AsyncIterator[Several]:
    with postgres.database(like=postgres_template) as url:
        async with several(tmp_path, as_product(url), (free_port(),)) as made:
            yield made


async def test_what_one_is_asked_another_shows_and_goes_on_showing_when_the_first_is_killed(house: Several) -> None:
    here, there = free_port(), free_port()
    first, second, worker = house.dashboard(here), house.dashboard(there), house.worker()
    with shop_at(house.ports[0]) as (shop, url):
        shop.latency_seconds = SLOW
        await asyncio.gather(house.serves(here), house.serves(there))
        await house.ready(worker)
        visitor = await house.customer()
        await house.agree(visitor, shop, url)
        signed_in = {"Cookie": f"{COOKIE}={await house.services.sessions.begin(visitor)}"}
        async with httpx.AsyncClient(headers=OUR_PAGE | signed_in, trust_env=False) as client:
            body = ASKED | {"metadata": {"storeUrl": url}}
            asked = await client.post(f"http://127.0.0.1:{here}{API}/initiate", json=body)
            assert asked.status_code == 201, asked.text
            elsewhere, operation = f"http://127.0.0.1:{there}", asked.json()["operationId"]
            told: list[dict[str, Any]] = []
            async with client.stream("GET", f"{elsewhere}{API}/operations/{operation}/events") as events:
                async for one in shown(events):
                    told.append(one)
                    if one["currentStep"] >= KILLED_IN and first.process.poll() is None:
                        first.kill()
            assert first.process.poll() is not None
            steps = [one["currentStep"] for one in told]
            assert len(set(steps)) > KILLED_IN  # it was watched, and never seen to go back
            assert steps == sorted(steps)
            assert (told[-1]["status"], len(shop.keys)) == ("completed", 1)
            pictures = [step["screenshot"] for step in told[-1]["steps"] if step["screenshot"]]
            picture = await client.get(f"{elsewhere}{pictures[0]}")
            assert (picture.status_code, picture.content[:4]) == (200, b"RIFF")
    assert second.process.poll() is None


async def test_who_follows_an_operation_keeps_no_dashboard_from_its_end(house: Several) -> None:
    """It takes no more connections at once, and those that are open end soon."""
    port = free_port()
    dashboard = house.dashboard(port)
    await house.serves(port)
    visitor = await house.customer()
    with shop_at(house.ports[0]) as (_, url):
        wanted = NewOperation(SERVICE, OPERATION, url, PERMITTED)
        asked = await house.services.operations.initiate(visitor, wanted)
    signed_in = {"Cookie": f"{COOKIE}={await house.services.sessions.begin(visitor)}"}
    async with httpx.AsyncClient(headers=signed_in, trust_env=False) as client:
        line = f"http://127.0.0.1:{port}{API}/operations/{asked.id}/events"
        async with client.stream("GET", line) as events:
            told = shown(events)  # kept, for it would close the line when it goes
            assert (await anext(told))["status"] == "awaiting_consent"
            assert await asyncio.to_thread(dashboard.stop) == -signal.SIGTERM
            with pytest.raises(httpx.TransportError):
                await anext(told)


async def shown(events: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """What an open line tells, one operation after the other as it stood."""
    assert events.status_code == 200
    async for line in events.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
