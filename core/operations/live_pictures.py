"""Carries the live picture of a run to whoever watches it: the newest frame alone, and only while somebody does."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from core.browser.live_sink import LiveSink
from core.errors import NotFound

NONE_NOW = "There is no live picture of this now."


@dataclass(frozen=True)
class LiveState:
    """How the live picture of a run stands: the number of its newest frame (0: there is none), and whether it is paused."""

    number: int = 0
    is_paused: bool = False


LiveWatcher = Callable[[LiveState], None]


class LivePictures(Protocol):
    """Brings frames from the process that makes them to whoever watches; where it can't, there are none, and nobody waits."""

    def sink(self, customer_id: UUID, operation_id: UUID) -> LiveSink:
        """Where the browser of this run gives its frames."""
        ...

    def watch(self, customer_id: UUID, operation_id: UUID, watcher: LiveWatcher) -> Callable[[], None]:
        """Tell this how it stands, now and with every change; returns what ends it. Without watchers nothing is captured."""
        ...

    async def fetch(self, customer_id: UUID, operation_id: UUID) -> bytes:
        """The newest frame, as a WebP file. Raises NotFound if there is none, which is so for whoever else's it is."""
        ...


class InProcessLivePictures:
    """The live pictures of the runs of this process, for those who watch in this process.

    Where several processes share a database, `SharedLivePictures` brings them to the others.
    """

    def __init__(self) -> None:
        self._runs: dict[tuple[UUID, UUID], LiveRun] = {}

    def sink(self, customer_id: UUID, operation_id: UUID) -> LiveSink:
        """Where the browser of this run gives its frames."""
        return RunSink(self, (customer_id, operation_id))

    def watch(self, customer_id: UUID, operation_id: UUID, watcher: LiveWatcher) -> Callable[[], None]:
        """Tell this how it stands, now and with every change; returns what ends it."""
        whose = customer_id, operation_id
        run = self.run_of(whose)
        run.watchers.append(watcher)
        run.is_watched.set()
        watcher(run.state)

        def unwatch() -> None:
            with suppress(ValueError):  # who has gone already
                run.watchers.remove(watcher)
            if not run.watchers:
                run.rest()
            self.forget_if_unused(whose)

        return unwatch

    async def fetch(self, customer_id: UUID, operation_id: UUID) -> bytes:
        """The newest frame. Raises NotFound."""
        return self.newest(customer_id, operation_id)

    def newest(self, customer_id: UUID, operation_id: UUID) -> bytes:
        """The newest frame, which is here or nowhere. Raises NotFound."""
        run = self._runs.get((customer_id, operation_id))
        if run is None or run.webp is None:
            raise NotFound(because=NONE_NOW)
        return run.webp

    def run_of(self, whose: tuple[UUID, UUID]) -> "LiveRun":
        """What is known of a run's live picture."""
        return self._runs.setdefault(whose, LiveRun())

    def forget_if_unused(self, whose: tuple[UUID, UUID]) -> None:
        """Keep nothing of a run that nobody watches and no browser shows."""
        run = self._runs.get(whose)
        if run and not run.watchers and not run.sinks:
            del self._runs[whose]


class LiveRun:
    """One run: who watches it, how many pages give frames, and the newest frame."""

    def __init__(self) -> None:
        self.watchers: list[LiveWatcher] = []
        self.is_watched = asyncio.Event()
        self.sinks = 0
        self.state = LiveState()
        self.webp: bytes | None = None
        self._given = 0

    def given(self, webp: bytes) -> None:
        """A frame takes the place of the one before."""
        self._given += 1
        self.webp = webp
        self.become(LiveState(self._given))

    def become(self, state: LiveState) -> None:
        """Tell the watchers if it stands differently."""
        if state == self.state:
            return
        self.state = state
        for watcher in tuple(self.watchers):
            watcher(state)

    def rest(self) -> None:
        """Nobody watches: nothing is captured, and nothing kept, until somebody does."""
        self.is_watched.clear()
        self.webp, self.state = None, LiveState()


class RunSink:
    """Takes the frames of one page of a run, for those who watch that: from when it is first asked whether anybody does."""

    def __init__(self, pictures: InProcessLivePictures, whose: tuple[UUID, UUID]) -> None:
        self._pictures = pictures
        self._whose = whose
        self._run = LiveRun()
        self._has_begun = False

    async def watched(self) -> None:
        """Return once somebody watches."""
        if not self._has_begun:
            self._has_begun = True
            self._run = self._pictures.run_of(self._whose)
            self._run.sinks += 1
        await self._run.is_watched.wait()

    def show(self, webp: bytes) -> None:
        """This is how it looks now; it is forgotten at once if nobody watches any more."""
        if self._run.watchers:
            self._run.given(webp)

    def pause(self) -> None:
        """It is not shown for a while; the last frame stays."""
        if self._run.watchers:
            self._run.become(LiveState(self._run.state.number, is_paused=True))

    def end(self) -> None:
        """The page is closed."""
        if self._has_begun:
            self._run.webp = None
            self._run.become(LiveState())
            self._run.sinks -= 1
            self._pictures.forget_if_unused(self._whose)
