"""Remembers which shops somebody has just had looked at, so that what begins a moment later does not look again."""

import time
from uuid import UUID

from core.agents.integration import ShopProbe
from core.security.origin import Origin

SEEN_FOR = 60.0  # seconds; longer than it takes to read what is agreed to, and too short for a shop to move


class SeenShops:
    """The shops that somebody has just had looked at, on the page before they start: a slow shop is not asked twice."""

    def __init__(self) -> None:
        self._until: dict[tuple[UUID | None, ShopProbe, Origin], float] = {}

    def remember(self, customer_id: UUID, probe: ShopProbe, origin: Origin) -> None:
        """It was there at this moment."""
        now = time.monotonic()
        self._until = {shop: until for shop, until in self._until.items() if until > now}
        self._until[customer_id, probe, origin] = now + SEEN_FOR

    def lately(self, customer_id: UUID | None, probe: ShopProbe, origin: Origin) -> bool:
        """Whether it was there a moment ago."""
        return self._until.get((customer_id, probe, origin), 0.0) > time.monotonic()
