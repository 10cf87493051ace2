"""Which browser the tests use: the one that AUTOPILOT_CHROMIUM names, otherwise the one that people have.

`scripts/test` names the headless shell there, and says in AUTOPILOT_TEST_SHELL that it has chosen it by itself.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright import async_api, sync_api

from core.browser.find_browser import FoundBrowser, find_browser
from core.browser.launching import QUIET_FLAGS, may_sandbox

CHROMIUM = Path(named) if (named := os.environ.get("AUTOPILOT_CHROMIUM")) else None


def browser_of(
    playwright: sync_api.Playwright | async_api.Playwright, *, that_people_have: bool = False
) -> FoundBrowser:
    """It, to be launched; or the one that people have, unless somebody named another."""
    chosen = None if that_people_have and os.environ.get("AUTOPILOT_TEST_SHELL") else CHROMIUM
    return find_browser(Path(playwright.chromium.executable_path), chosen)


@asynccontextmanager
async def browser_like_ours() -> AsyncIterator[async_api.Browser]:
    """It, running with the flags that the product gives it, for who is measured beside the product."""
    async with async_api.async_playwright() as playwright:
        found = browser_of(playwright)
        launched = await playwright.chromium.launch(
            executable_path=found.executable,
            channel=found.channel,
            args=list(QUIET_FLAGS),
            chromium_sandbox=may_sandbox(),
        )
        try:
            yield launched
        finally:
            await launched.close()
