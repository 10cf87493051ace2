"""A practice shop for each test, and those who come to it: a stranger, its admin, and a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from app.practice_shop.shop import PracticeShop
from core.browser.find_browser import find_browser
from tests.app.practice_shop.visiting import sign_in, visited


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
        found = find_browser(Path(playwright.chromium.executable_path))
        browser = await playwright.chromium.launch(executable_path=found.executable, channel=found.channel)
        yield browser
        await browser.close()
