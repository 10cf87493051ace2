"""Time as a seam, so that tests move the clock and nobody sleeps."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the real one and the one tests move are interchangeable."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    async def until(self, moment: datetime) -> None:
        """Return once it is this moment; at once, if it is past."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  the one place that reads the machine's clock

    async def until(self, moment: datetime) -> None:
        """Return once it is this moment; at once, if it is past."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110  nothing but the clock tells of it
            await asyncio.sleep(left)
