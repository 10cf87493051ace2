"""A run that a worker carries out is seen live on the page of a dashboard that carries nothing out, but no secret of it."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from core.database.states import OperationStatus
from core.operations.live_frames import UNHEARD
from core.operations.live_pictures import LiveState
from core.security.people.people import Visitor
from tests.app.running import free_port
from tests.browser import browser_like_ours
from tests.faults.several import Several, several, shop_at
from tests.marked import marked
from tests.pages.test_live_view import RECORDER
from tests.postgres import PostgresServer, as_owner, as_product

SLOW = 0.6  # seconds for each answer of the shop: time to look
GONE_WITHIN = UNHEARD.total_seconds() + 2  # seconds; what is heard last may be on its way
SEEN_WITHIN = 60_000  # milliseconds
PAUSED = "Paused while a secret is on the page"


@pytest.fixture
async def house(tmp_path: Path, postgres: PostgresServer, postgres_template: str) -> AsyncIterator[Several]:
    with postgres.database(like=postgres_template) as url:
        async with several(tmp_path, as_product(url), (free_port(),)) as made:
            yield made


async def somebody(house: Several, password: str) -> Visitor:
    customer_id = await house.services.people.add_customer("Tea Shop")
    return await house.services.people.add_user(customer_id, "owner@tea.example", password)


async def sign_in(page: Page, port: int, email: str, password: str) -> None:
    await page.goto(f"http://127.0.0.1:{port}/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(lambda address: "/sign-in" not in address)


def frames_kept(house: Several) -> int:
    with as_owner(house.services.database).connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM live_frames")).scalar_one())


async def test_a_dashboard_shows_live_what_a_worker_does_and_that_it_is_paused(house: Several) -> None:
    port, password = free_port(), marked()
    house.dashboard(port)
    worker, owner = house.worker(), await somebody(house, password)
    with shop_at(house.ports[0]) as (shop, url):
        shop.latency_seconds = SLOW
        await asyncio.gather(house.serves(port), house.ready(worker))
        async with browser_like_ours() as browser:
            page, answers = await browser.new_page(), list[int]()
            page.on("response", lambda one: answers.append(one.status) if "/pictures/live/" in one.url else None)
            await sign_in(page, port, owner.email, password)
            asked = await house.ask(owner, shop, url)
            await page.goto(f"http://127.0.0.1:{port}/operations/{asked.id}")
            await page.evaluate(RECORDER, ["said", ".live-now .badge"])
            await expect(page.locator(".live-now img.there")).to_be_visible(timeout=SEEN_WITHIN)
            assert (await house.ended(owner, asked.id)).status is OperationStatus.COMPLETED
            await expect(page.locator(".live-now .badge")).to_be_hidden()
            assert await page.evaluate("[...window.said].sort()") == ["Live", PAUSED]
            assert 200 in answers  # the image was there, so one has come
            assert set(answers) <= {200, 404}  # one that is gone by then
    assert frames_kept(house) == 0


async def test_while_it_is_paused_no_other_frame_comes_and_with_its_end_none_is_left(house: Several) -> None:
    owner, told = await somebody(house, marked()), list[LiveState]()
    with shop_at(house.ports[0]) as (shop, url):
        shop.latency_seconds = SLOW
        await house.ready(house.worker())
        asked = await house.ask(owner, shop, url)
        stop = house.services.live.watch(owner.customer_id, asked.id, told.append)
        assert (await house.ended(owner, asked.id)).status is OperationStatus.COMPLETED
        async with asyncio.timeout(GONE_WITHIN):
            while frames_kept(house):  # noqa: ASYNC110  what is waited for is done by another process
                await asyncio.sleep(0.05)
        stop()
    pauses = [(before, now) for before, now in pairwise(told) if now.is_paused]
    assert len(pauses) >= 2  # at the password, and from the key on
    assert all(now.number == before.number for before, now in pauses)
    assert max(one.number for one in told) >= 1  # how many there are is up to how busy the machine is
    assert told[-1] == LiveState()


async def test_what_a_killed_worker_showed_is_gone_in_some_seconds(house: Several) -> None:
    owner, told, changed = await somebody(house, marked()), list[LiveState](), asyncio.Event()

    def tell(state: LiveState) -> None:
        told.append(state)
        changed.set()

    with shop_at(house.ports[0]) as (shop, url):
        shop.latency_seconds = SLOW
        worker = house.worker()
        await house.ready(worker)
        asked = await house.ask(owner, shop, url)
        stop = house.services.live.watch(owner.customer_id, asked.id, tell)
        async with asyncio.timeout(SEEN_WITHIN / 1000):
            while not told[-1].number:
                changed.clear()
                await changed.wait()
        worker.kill()
        async with asyncio.timeout(GONE_WITHIN):
            while told[-1] != LiveState():
                changed.clear()
                await changed.wait()
        stop()
