"""The time a run may take: it stands still while the run waits for a person."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class RunTime:
    """The time of one run. Who limits it and who lets it stand still share this."""

    def __init__(self) -> None:
        self._limit: asyncio.Timeout | None = None

    @asynccontextmanager
    async def limited(self, seconds: float) -> AsyncIterator[None]:
        """Raises TimeoutError once this much time has passed inside, not counting what stood still."""
        try:
            async with asyncio.timeout(seconds) as self._limit:
                yield
        finally:
            self._limit = None

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """What passes inside does not count."""
        loop = asyncio.get_running_loop()
        ends_at = self._limit.when() if self._limit else None
        left = None if ends_at is None else ends_at - loop.time()
        self._move_to(None)
        try:
            yield
        finally:
            self._move_to(None if left is None else loop.time() + left)

    def _move_to(self, when: float | None) -> None:
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(when)
