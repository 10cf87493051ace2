"""How long an agent rests between two steps, so that people can follow it where it is shown to them; elsewhere not at all."""

import asyncio
from contextlib import suppress


class Pace:
    """Seconds of rest; they can be changed while a run goes on, which holds at once, for a rest that has begun, too."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._changed = asyncio.Event()

    @property
    def seconds(self) -> float:
        """How long a rest is at the moment."""
        return self._seconds

    def change(self, seconds: float) -> None:
        """Rest for so long from now on."""
        self._seconds = seconds
        self._changed.set()
        self._changed = asyncio.Event()

    async def rest(self) -> None:
        """Return once a step has had its time. Whoever stops the run cancels it here, at once."""
        now = asyncio.get_running_loop().time
        begun = now()
        while (left := begun + self._seconds - now()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
