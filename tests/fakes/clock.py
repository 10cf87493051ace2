"""A clock that tests move."""

from datetime import UTC, datetime, timedelta


class MovedClock:
    """Stands still until it is moved, by a test or by who waits for a moment."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present moment."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let this much time pass."""
        self._now += by

    async def until(self, moment: datetime) -> None:
        """Let the time pass until then."""
        self._now = max(self._now, moment)
