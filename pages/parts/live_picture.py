"""The shop's page live, over the newest stored picture, while somebody has the page of its operation open.

Each frame is asked for by itself, once the one before it has arrived: a slow line skips frames, and a sign-out ends them.
"""

import time
from collections.abc import Callable
from uuid import UUID

from nicegui import ui

from core.operations.live_pictures import LiveState
from core.services import Services
from pages.parts.marks import HEIGHT, WIDTH
from pages.parts.words import words
from pages.texts import t
from pages.visitor import below, visitor

GIVEN_UP_AFTER = 5.0  # seconds; whether a frame has arrived may itself get lost on the way


class LivePicture:
    """An image whose source follows the frames, and words that say whether it is live or paused."""

    def __init__(self, services: Services, operation_id: UUID) -> None:
        self._live = services.live
        self._whose = visitor().customer_id, operation_id
        self._client = ui.context.client
        self._unwatch: Callable[[], None] | None = None
        self._is_wanted = False
        self._state = LiveState()
        self._asked, self._asked_at, self._is_loading = 0, 0.0, False
        self._is_shown = False
        with ui.element("div").classes("live-now"):
            self._image = ui.element("img").props(f"width={WIDTH} height={HEIGHT}")
            self._image.props["alt"] = t("Your shop, live")
            self._image.on("load", lambda _: self._arrived(), args=[])
            self._image.on("error", lambda _: self._failed(), args=[])
            self._words = words("", classes="badge").props("role=status")
        self._words.set_visibility(False)
        self._client.on_connect(self._follow)
        self._client.on_disconnect(self._rest)
        self._client.on_delete(self._rest)

    def show(self, *, is_wanted: bool) -> None:
        """Show it while it is wanted, and there is one."""
        self._is_wanted = is_wanted
        if is_wanted and self._client.has_socket_connection:
            self._follow()
        elif not is_wanted:
            self._rest()
            self._told(LiveState())

    def _follow(self) -> None:
        if self._is_wanted and self._unwatch is None:
            self._is_loading = False
            self._unwatch = self._live.watch(*self._whose, self._told)

    def _rest(self) -> None:
        """Nobody sees this any more, so nothing is captured for it."""
        if self._unwatch is not None:
            unwatch, self._unwatch = self._unwatch, None
            unwatch()

    def _told(self, state: LiveState) -> None:
        self._state = state
        if self._client.is_deleted:
            return
        if not state.number:
            self._uncover(is_there=False)
            self._asked = 0
        elif state.number != self._asked and not self._is_waiting:
            self._ask(state.number)
        self._words.set_text(t("Paused while a secret is on the page") if state.is_paused else t("Live"))
        self._words.classes(add="paused" if state.is_paused else "", remove="" if state.is_paused else "paused")
        self._words.set_visibility(state.is_paused or self._is_shown)

    @property
    def _is_waiting(self) -> bool:
        return self._is_loading and time.monotonic() - self._asked_at < GIVEN_UP_AFTER

    def _ask(self, number: int) -> None:
        """Have the browser fetch the newest frame; the number only tells it that it is another."""
        self._asked, self._asked_at, self._is_loading = number, time.monotonic(), True
        self._image.props["src"] = below(self._client, f"/pictures/live/{self._whose[1]}?frame={number}")

    def _arrived(self) -> None:
        self._is_loading = False
        self._uncover(is_there=bool(self._state.number))
        self._told(self._state)

    def _uncover(self, *, is_there: bool) -> None:
        """Show the image, or what is below it. By a class: of an element that is invisible, NiceGUI hears no event."""
        self._is_shown = is_there
        self._image.classes(add="there" if is_there else "", remove="" if is_there else "there")

    def _failed(self) -> None:
        """It was gone by then; the next one is asked for when it is there."""
        self._is_loading = False
