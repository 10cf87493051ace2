"""Presses: a click or a key, once the page is ready for it; what was pressed counts as pressed, however slow the page is then."""

import time
from collections.abc import Awaitable

from playwright.async_api import Locator as Element
from playwright.async_api import Page

from core.browser.actions import Click, Press
from core.browser.eyes import Eyes
from core.browser.failures import acted, attempt
from core.browser.happenings import Happenings
from core.browser.page import ActionFailed, InTheWay

TOO_SLOW = "The shop took too long to answer."
PRESSED_AT = "function () { return globalThis.autopilotPressedAt ?? 0; }"  # in milliseconds, as its world has noted it


class Presser:
    """Presses on one page. `patience` is how long an element may take, `within` how long a page may, in milliseconds."""

    def __init__(self, page: Page, eyes: Eyes, happenings: Happenings, patience: float, within: float) -> None:
        self._page = page
        self._eyes = eyes
        self._happenings = happenings
        self._patience = patience
        self._within = within

    async def press(self, element: Element, action: Click | Press) -> None:
        """Click, or press a key, once the page is read to its end: its last scripts tell its buttons what to do."""
        await attempt(self._page.wait_for_load_state("domcontentloaded", timeout=self._within), TOO_SLOW)
        if action.accepts_dialog:
            self._happenings.agree_once()
        if isinstance(action, Click):
            await self._pressed(element.click(timeout=self._patience))
        else:
            await self._pressed(element.press(action.key.value, timeout=self._patience))

    async def _pressed(self, work: Awaitable[None]) -> None:
        """Playwright waits for the page that this leads to, and for what the page does meanwhile.

        That either is slow does not mean that nothing was pressed: done twice, it could make something twice.
        """
        self._happenings.leaving = False
        began = time.time() * 1000
        try:
            await acted(work)
        except InTheWay:
            if not (self._happenings.leaving or await self._arrived_since(began)):
                raise
        except ActionFailed:
            if not self._happenings.leaving:
                raise

    async def _arrived_since(self, moment: float) -> bool:
        """Whether the page was pressed since then. One that is too busy to say so is busy with that."""
        try:
            return float(await self._eyes.ask(PRESSED_AT)) >= moment
        except ActionFailed:
            return True
