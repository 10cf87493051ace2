"""What happens to a page by itself: dialogs, new windows, answers of the shop, a way out of the shop, a crash."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from playwright.async_api import Dialog, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from core.browser.page import DialogSeen
from core.browser.redaction import Redactor
from core.security.origin import BadAddress, Origin

LONGEST_DIALOG = 200  # characters kept of what a dialog says
MOST_DIALOGS = 5  # kept between two actions; a page may open them in a loop


class Happenings:
    """Deals with what a page does unasked, and remembers what people should be told."""

    def __init__(self, page: Page, origin: Origin, redactor: Redactor) -> None:
        self._page = page
        self._origin = origin
        self._redactor = redactor
        self._dialogs: list[DialogSeen] = []
        self._agrees_once = False
        self._answering: set[asyncio.Task[None]] = set()
        self.status: int | None = None
        self.leaving = False
        self.wanted: Origin | None = None
        self.ended: str | None = None
        page.on("dialog", self._answer)
        page.on("request", self._requested)
        page.on("response", self._responded)
        page.on("requestfailed", self._request_ended)
        page.on("requestfinished", self._request_ended)
        page.on("framenavigated", lambda frame: self._arrived() if frame == page.main_frame else None)
        page.on("crash", lambda _: self.end("The page crashed."))
        page.on("close", lambda _: self.end("The page was closed."))
        page.context.on("page", lambda window: self._keep(self._close(window)))

    @property
    def strayed(self) -> bool:
        """Whether the page shows something from outside the shop."""
        address = self._page.url
        if address.startswith(("about:", "chrome-error:")):
            return False
        return origin_of(address) != self._origin

    @property
    def trouble(self) -> str:
        """What went wrong with the last page load, in a sentence; empty if nothing did."""
        if self.wanted is not None:
            return f"the page wanted to go to {self.wanted}, which is outside the shop"
        if self.leaving:
            return "the shop has not answered yet"
        if self.status is not None and self.status >= 400:
            return f"the shop answered {self.status}"
        return ""

    def end(self, because: str) -> None:
        """There is no page any more. The first reason stands."""
        self.ended = self.ended or because

    def take_dialogs(self) -> tuple[DialogSeen, ...]:
        """The dialogs since this was last asked."""
        taken, self._dialogs = tuple(self._dialogs), []
        return taken

    def agree_once(self) -> None:
        """From now on, the first question of the page is agreed to."""
        self._agrees_once = True

    def agree_no_more(self) -> None:
        """From now on, every question is declined."""
        self._agrees_once = False

    def _answer(self, dialog: Dialog) -> None:
        """Leaving a page is always agreed to, and a question if that is allowed just now; everything else is declined.

        It is decided as the dialog opens. One that is allowed is always told, however many the page opened before it.
        """
        allowed = dialog.type == "confirm" and self._agrees_once
        if allowed:
            self.agree_no_more()
        agreed = allowed or dialog.type == "beforeunload"
        if allowed or len(self._dialogs) < MOST_DIALOGS:
            words = self._redactor.redact(dialog.message)[:LONGEST_DIALOG] or f"({dialog.type})"
            self._dialogs.append(DialogSeen(words, agreed))
        self._keep(dialog.accept() if agreed else dialog.dismiss())

    async def _close(self, window: Page) -> None:
        if window is not self._page:
            await window.close()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this in the background; a dialog or window that is gone already needs nothing."""

        async def done() -> None:
            try:
                await work
            except PlaywrightError:
                return

        task = asyncio.get_running_loop().create_task(done())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _requested(self, request: Request) -> None:
        if self._is_main(request):
            self.leaving = True
            origin = origin_of(request.url)
            self.wanted = origin if origin != self._origin else None

    def _responded(self, response: Response) -> None:
        if self._is_main(response.request):
            self.status = response.status

    def _request_ended(self, request: Request) -> None:
        if self._is_main(request):
            self.leaving = False

    def _arrived(self) -> None:
        self.leaving = False

    def _is_main(self, request: Request) -> bool:
        if not request.is_navigation_request():
            return False
        try:
            return request.frame == self._page.main_frame
        except PlaywrightError:  # the frame of a request may be gone, or not be there yet
            return False


def origin_of(address: str) -> Origin | None:
    """The origin of an address, if it has one."""
    if not address.startswith(("http://", "https://")):
        return None
    try:
        return Origin.of(address)
    except BadAddress:
        return None
