"""Which browser the tests use: the one that AUTOPILOT_CHROMIUM names, otherwise the one that people have."""

import os
from pathlib import Path

from playwright import async_api, sync_api

from core.browser.find_browser import FoundBrowser, find_browser

CHROMIUM = Path(named) if (named := os.environ.get("AUTOPILOT_CHROMIUM")) else None


def browser_of(playwright: sync_api.Playwright | async_api.Playwright) -> FoundBrowser:
    """It, to be launched."""
    return find_browser(Path(playwright.chromium.executable_path), CHROMIUM)
