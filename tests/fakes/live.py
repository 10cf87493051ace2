"""Takes the live picture of a run and keeps every frame, so that a test can look at each that left."""

import asyncio


class FakeLiveSink:
    """A LiveSink that keeps all it is given. Somebody watches from the beginning, unless it is told otherwise."""

    def __init__(self, *, is_watched: bool = True) -> None:
        self.frames: list[bytes] = []
        self.is_paused = False
        self.has_ended = False
        self._changed = asyncio.Condition()
        self._is_watched = asyncio.Event()
        if is_watched:
            self._is_watched.set()
        self._told: set[asyncio.Task[None]] = set()

    def begin_to_watch(self) -> None:
        """Somebody watches from now on."""
        self._is_watched.set()

    async def watched(self) -> None:
        await self._is_watched.wait()

    def show(self, webp: bytes) -> None:
        self.frames.append(webp)
        self.is_paused = False
        self._tell()

    def pause(self) -> None:
        self.is_paused = True
        self._tell()

    def end(self) -> None:
        self.has_ended = True
        self._tell()

    async def further(self, frames: int = 1) -> bytes:
        """Wait for so many more frames than there are now; returns the newest."""
        wanted = len(self.frames) + frames
        async with asyncio.timeout(15), self._changed:
            await self._changed.wait_for(lambda: len(self.frames) >= wanted)
        return self.frames[-1]

    async def paused(self) -> None:
        """Wait until it is paused."""
        async with asyncio.timeout(15), self._changed:
            await self._changed.wait_for(lambda: self.is_paused)

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        task = asyncio.get_running_loop().create_task(tell())
        self._told.add(task)
        task.add_done_callback(self._told.discard)
