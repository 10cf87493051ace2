"""Live pictures as each of several processes that share a database would have them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field

from core.browser.live_sink import LiveSink
from core.database.between_processes import LIVE, Listener
from core.database.session import Database
from core.operations.live_news import Whose
from core.operations.live_pictures import LiveState
from core.operations.shared_live_pictures import SharedLivePictures

SOON = 10  # seconds


@dataclass
class Process:
    """One of those that share the database: what it shows and is told. Its ear is closed as if it had died."""

    database: Database
    pictures: SharedLivePictures
    ear: "asyncio.Task[None]"
    told: list[LiveState] = field(default_factory=list)

    def watch(self, whose: Whose) -> Callable[[], None]:
        return self.pictures.watch(*whose, self.told.append)

    async def carries_out(self, whose: Whose) -> LiveSink:
        """What a browser of its gives frames to, once somebody watches."""
        sink = self.pictures.sink(*whose)
        async with asyncio.timeout(SOON):
            await sink.watched()
        return sink

    async def sees(self, state: LiveState) -> None:
        """Return once it was told that it stands so."""
        await until(lambda: bool(self.told) and self.told[-1] == state)

    async def die(self) -> None:
        """Say and hear nothing any more, from one moment to the next."""
        for task in (self.ear, *self.pictures._tasks):
            task.cancel()
        self.pictures._is_closing = True
        await asyncio.wait({self.ear})


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not so():  # noqa: ASYNC110  what is waited for is told by another connection
            await asyncio.sleep(0.01)


async def until_it_is(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await so():  # noqa: ASYNC110  what is waited for is in a database
            await asyncio.sleep(0.01)


@asynccontextmanager
async def process(database: Database) -> AsyncIterator[Process]:
    """Another process that shares this database, over connections of its own."""
    with closing(Database(database.url.render_as_string(hide_password=False))) as own:
        pictures = SharedLivePictures(own)
        listener = Listener(own.url, {LIVE: pictures.hear}, lambda: None)
        ear = asyncio.create_task(listener.listen())
        try:
            async with asyncio.timeout(SOON):
                await listener.is_listening.wait()
            yield Process(own, pictures, ear)
        finally:
            await pictures.close()
            ear.cancel()
            await asyncio.wait({ear})
