"""Brings the live picture of a run to those who watch it in other processes, for as long as they say that they do.

It watches as a page of this process would, so what is captured, and when it is paused, is no business of its own.

1. Whoever watches elsewhere says so every two seconds. Who was not heard of for seven watches no more: it may have died.
2. Each time it is answered how the picture stands, so that they know that this process lives.
3. One thing is written at a time, and how it stands is looked at only then. A frame that was replaced meanwhile is dropped,
   and so is every frame while the picture is paused: what waited as a pause began is never written.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from core.database.failures import told
from core.operations.live_frames import LiveFrames, Look
from core.operations.live_news import Watched, Whose
from core.operations.live_pictures import InProcessLivePictures, LiveState

log = logging.getLogger(__name__)

LAPSES_AFTER = 7.0  # seconds without a word until somebody watches no more
AGAIN_AFTER = 1.0  # seconds until what could not be written is tried anew, as it stands by then


@dataclass(frozen=True)
class RelayTools:
    """What relays of one process share; the `gate` lets one of them to the database at a time.

    A thread that waits for a database that hangs can't be called back: so it is one, whatever there is to show.
    """

    here: InProcessLivePictures
    frames: LiveFrames
    gate: asyncio.Lock
    spawn: Callable[[Coroutine[Any, Any, None]], object]


class Relay:
    """One run. `gone` is called once nobody watches it elsewhere any more, and nothing of it is left."""

    def __init__(self, tools: RelayTools, whose: Whose, gone: Callable[[], object]) -> None:
        self._tools = tools
        self._whose = whose
        self._gone = gone
        self._far: dict[UUID, asyncio.TimerHandle] = {}
        self._unwatch: Callable[[], None] | None = None
        self._has_row = False
        self._put = 0  # the number of the frame that was put last
        self._is_due = self._is_writing = False

    def heard(self, news: Watched) -> None:
        """Somebody watches, or no more."""
        if timer := self._far.pop(news.process, None):
            timer.cancel()
        if not news.is_over:
            loop = asyncio.get_running_loop()
            self._far[news.process] = loop.call_later(LAPSES_AFTER, self._lapsed, news.process)
            if self._unwatch is None:
                self._unwatch = self._tools.here.watch(*self._whose, lambda _: self._write_soon())
            self._write_soon()
        elif not self._far:
            self.end()

    def end(self) -> None:
        """Nobody watches any more: nothing is captured for them from now on, and nothing of it is kept."""
        for timer in self._far.values():
            timer.cancel()
        self._far.clear()
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch, self._put = None, 0
        self._write_soon()

    def _lapsed(self, process: UUID) -> None:
        del self._far[process]
        if not self._far:
            self.end()

    def _write_soon(self) -> None:
        self._is_due = True
        if not self._is_writing:
            self._is_writing = True
            self._tools.spawn(self._write())

    async def _write(self) -> None:
        try:
            while self._is_due:
                self._is_due = False
                try:
                    async with self._tools.gate:
                        await self._write_as_it_stands()
                except SQLAlchemyError as error:
                    log.warning("a live picture is not brought: %s", told(error))
                    # Of what is not watched any more, the row is shown to nobody in a moment, and deleted by a round.
                    self._is_due = self._unwatch is not None
                    await asyncio.sleep(AGAIN_AFTER)
        finally:
            self._is_writing = False
            if self._unwatch is None:
                self._gone()

    async def _write_as_it_stands(self) -> None:
        run = self._tools.here.run_of(self._whose) if self._unwatch else None
        if run is None or run.state == LiveState():
            if self._has_row:
                await self._tools.frames.clear(self._whose)
                self._has_row = False
            return
        state, frame = run.state, None if run.state.is_paused else run.webp
        is_new = frame is not None and state.number != self._put
        self._has_row = True  # also if this fails: it may have been done all the same
        await self._tools.frames.put(self._whose, Look(frame, is_new, state.is_paused))
        if is_new:
            self._put = state.number
