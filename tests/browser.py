"""Which browser the tests use: the one that AUTOPILOT_CHROMIUM names, otherwise the one that people have.

`scripts/test` names the headless shell there, and says in AUTOPILOT_TEST_SHELL that it has chosen it by itself.
"""

import os
from pathlib import Path

from playwright import async_api, sync_api

from core.browser.find_browser import FoundBrowser, find_browser

CHROMIUM = Path(named) if (named := os.environ.get("AUTOPILOT_CHROMIUM")) else None


def browser_of(
    playwright: sync_api.Playwright | async_api.Playwright, *, that_people_have: bool = False
) -> FoundBrowser:
    """It, to be launched; or the one that people have, unless somebody named another."""
    chosen = None if that_people_have and os.environ.get("AUTOPILOT_TEST_SHELL") else CHROMIUM
    return find_browser(Path(playwright.chromium.executable_path), chosen)
