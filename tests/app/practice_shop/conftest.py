"""A practice shop for each test, and those who come to it: a stranger, its admin, and a browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import sign_in, visited
from tests.browser import browser_of


@pytest.fixture
def shop() -> PracticeShop:
    return PracticeShop()


@pytest.fixture
async def stranger(shop: PracticeShop) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with visited(shop) as visitor:
        yield visitor


@pytest.fixture
async def admin(stranger: httpx.AsyncClient, shop: PracticeShop) -> httpx.AsyncClient:
    """The stranger, signed in as the shop's admin."""
    await sign_in(stranger, shop)
    return stranger


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = browser_of(playwright)
        browser = await playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
        yield browser
        await browser.close()
