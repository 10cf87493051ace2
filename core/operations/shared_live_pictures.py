"""Carries live pictures between processes that share a PostgreSQL database: from who carries a run out to who watches it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError

from core.browser.live_sink import LiveSink
from core.database.between_processes import LIVE, hurry, say
from core.database.failures import told
from core.database.session import CustomerSession, Database
from core.errors import NotFound
from core.operations.live_frames import UNHEARD, LiveFrames
from core.operations.live_news import Shown, Watched, Whose, read_news
from core.operations.live_pictures import InProcessLivePictures, LiveState, LiveWatcher
from core.operations.live_relay import Relay, RelayTools

log = logging.getLogger(__name__)

SAID_EVERY = 2.0  # seconds; three may get lost before nobody is taken to watch, or nothing to be shown
CLOSED_WITHIN = 5.0  # seconds for what is still to be deleted


class SharedLivePictures:
    """The live pictures of many processes. What a process carries out itself goes the short way to who watches it there.

    What is said on the channel `LIVE` has to be brought to `hear`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = uuid4()
        self._here = InProcessLivePictures()
        self._frames = LiveFrames(database, self._process)
        self._relays: dict[Whose, Relay] = {}
        self._watched: dict[Whose, WatchedRun] = {}
        self._gate = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._saying: asyncio.Task[None] | None = None
        self._is_closing = False

    def sink(self, customer_id: UUID, operation_id: UUID) -> LiveSink:
        """Where the browser of this run gives its frames."""
        return self._here.sink(customer_id, operation_id)

    def watch(self, customer_id: UUID, operation_id: UUID, watcher: LiveWatcher) -> Callable[[], None]:
        """Tell this how it stands, now and with every change; returns what ends it."""
        whose = customer_id, operation_id
        both = Both(watcher)
        run = self._watched.setdefault(whose, WatchedRun())
        run.watchers.append(both.told_from_elsewhere)
        both.told_from_elsewhere(run.state)
        unwatch_here = self._here.watch(*whose, both.told_here)
        self._spawn(self._say([whose]))
        if self._saying is None or self._saying.done():
            self._saying = self._spawn(self._say_again_and_again())

        def unwatch() -> None:
            unwatch_here()
            with suppress(ValueError):  # who has gone already
                run.watchers.remove(both.told_from_elsewhere)
            if not run.watchers and self._watched.get(whose) is run:
                self._watched.pop(whose).rest()
                self._spawn(self._say([whose], is_over=True))

        return unwatch

    async def fetch(self, customer_id: UUID, operation_id: UUID) -> bytes:
        """The newest frame, from whichever process. Raises NotFound."""
        try:
            return self._here.newest(customer_id, operation_id)
        except NotFound:
            return await self._frames.newest((customer_id, operation_id))

    def hear(self, words: str) -> None:
        """What was said on the channel. Called on the event loop."""
        news = read_news(words)
        if news is None or news.process == self._process:
            return
        if isinstance(news, Shown):
            if run := self._watched.get(news.whose):
                run.heard(news.state)
        elif not self._is_closing:
            self._relay(news)

    async def clear_leftovers(self) -> None:
        """Delete what processes have left that died."""
        await self._frames.clear_leftovers()

    async def close(self) -> None:
        """Leave nothing behind. The runs of this process have ended by now."""
        for relay in tuple(self._relays.values()):
            relay.end()
        self._is_closing = True
        if self._saying is not None:
            self._saying.cancel()
        for run in self._watched.values():
            run.rest()
        self._watched.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSED_WITHIN)
        for task in tuple(self._tasks):
            task.cancel()

    def _relay(self, news: Watched) -> None:
        """Also of a run that is not carried out here: it may be, in a moment."""
        relay = self._relays.get(news.whose)
        if relay is None:
            if news.is_over:
                return
            tools = RelayTools(self._here, self._frames, self._gate, self._spawn)
            relay = Relay(tools, news.whose, partial(self._relays.pop, news.whose, None))
            self._relays[news.whose] = relay
        relay.heard(news)

    async def _say_again_and_again(self) -> None:
        while self._watched:
            await asyncio.sleep(SAID_EVERY)
            by_customer: dict[UUID, list[Whose]] = {}
            for whose in self._watched:
                by_customer.setdefault(whose[0], []).append(whose)
            for watched in by_customer.values():
                await self._say(watched)

    async def _say(self, watched: list[Whose], *, is_over: bool = False) -> None:
        """Say that these runs, all of one customer, are watched here, or no more; what fails is said again soon, or not missed."""

        def words(session: CustomerSession) -> None:
            hurry(session)
            for whose in watched:
                say(session, LIVE, Watched(self._process, whose, is_over).text)

        try:
            async with self._gate:
                await self._database.run(watched[0][0], words)
        except SQLAlchemyError as error:
            log.warning("who watches live is not told: %s", told(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        """Begin this as a task that is waited for at the end, and whose failure is told; nothing begins after the end."""
        if self._is_closing:
            work.close()
            return None
        # In a context of its own: it is not about the request that happened to begin it.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a live picture ended with a bug", exc_info=error)


class WatchedRun:
    """A run that is watched here and carried out elsewhere: it stands as was heard, until nothing is heard any more."""

    def __init__(self) -> None:
        self.watchers: list[LiveWatcher] = []
        self.state = LiveState()
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, state: LiveState) -> None:
        """It stands so; said again, it still does."""
        self.rest()
        if state != LiveState():
            after = UNHEARD.total_seconds()
            self._timer = asyncio.get_running_loop().call_later(after, self._become, LiveState())
        self._become(state)

    def rest(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _become(self, state: LiveState) -> None:
        if state == self.state:
            return
        self.state = state
        for watcher in tuple(self.watchers):
            watcher(state)


class Both:
    """Tells one watcher how a run stands that is carried out here or elsewhere: where there is something to be seen."""

    def __init__(self, watcher: LiveWatcher) -> None:
        self._watcher = watcher
        self._here = self._elsewhere = LiveState()
        self._told: LiveState | None = None

    def told_here(self, state: LiveState) -> None:
        """So it stands in this process."""
        self._here = state
        self._tell()

    def told_from_elsewhere(self, state: LiveState) -> None:
        """So it stands in another."""
        self._elsewhere = state
        self._tell()

    def _tell(self) -> None:
        state = self._elsewhere if self._here == LiveState() else self._here
        if state != self._told:
            self._told = state
            self._watcher(state)
