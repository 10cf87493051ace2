"""A page that has shown nothing yet, in a context and behind a proxy of its own: what every run begins with."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from core.browser.egress import EgressProxy
from core.browser.eyes import Eyes
from core.browser.failures import attempt
from core.browser.launched import CLOSED_WITHIN
from core.browser.launching import introduce
from core.browser.page import RunStopped
from core.browser.scope import Viewport
from core.errors import Unavailable

OPENED_WITHIN = 20.0  # seconds; takes 0.2, and a browser that does not get there in a hundred times as long is stuck


@dataclass(frozen=True, eq=False)
class FreshPage:
    """An empty page with eyes on it, whose context knows its proxy."""

    context: BrowserContext
    page: Page
    eyes: Eyes
    viewport: Viewport

    @classmethod
    async def opened(cls, browser: Browser, egress: EgressProxy, locale: str) -> Self:
        """Open one. Raises ActionFailed, RunStopped or Unavailable."""
        if egress.gate.is_shut:
            raise RunStopped(because=egress.gate.because or "")
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                return await cls._opened(browser, egress, locale)
        except TimeoutError:
            raise Unavailable(because="The browser did not open a page in time.") from None

    @classmethod
    async def _opened(cls, browser: Browser, egress: EgressProxy, locale: str) -> Self:
        viewport = Viewport()
        creating = browser.new_context(
            proxy={"server": egress.server},
            viewport={"width": viewport.width, "height": viewport.height},
            locale=locale,
            service_workers="block",
            accept_downloads=False,
        )
        context = await attempt(creating)
        try:
            page = await attempt(context.new_page())
            eyes, _ = await asyncio.gather(attempt(Eyes.opened(page)), attempt(introduce(page, egress)))
        except BaseException:
            await closed(context)
            raise
        return cls(context, page, eyes, viewport)


async def closed(context: BrowserContext) -> bool:
    """Close a context, dead or alive. Whether it is closed by then: a page may keep its browser too busy for that."""
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(CLOSED_WITHIN):
            await context.close()
    return context.browser is None or context not in context.browser.contexts
