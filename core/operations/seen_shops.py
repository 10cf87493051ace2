"""Remembers which shops somebody has just had looked at, so that what begins a moment later does not look again."""

import time
from uuid import UUID

from core.agents.integration import ShopProbe
from core.security.origin import Origin

SEEN_FOR = 60.0  # seconds; longer than it takes to read what is agreed to, and too short for a shop to move


class SeenShops:
    """The shops that somebody has just had looked at, on the page before they start: a slow shop is not asked twice."""

    def __init__(self) -> None:
        self._seen: dict[tuple[UUID | None, ShopProbe, Origin], tuple[float, str | None]] = {}

    def remember(self, customer_id: UUID, probe: ShopProbe, origin: Origin) -> None:
        """It was there at this moment."""
        now = time.monotonic()
        self._seen = {shop: seen for shop, seen in self._seen.items() if seen[0] > now}
        self._seen[customer_id, probe, origin] = now + SEEN_FOR, None

    def lately(self, customer_id: UUID | None, probe: ShopProbe, origin: Origin) -> bool:
        """Whether it was there a moment ago."""
        return self._seen.get((customer_id, probe, origin), (0.0, None))[0] > time.monotonic()

    def tell(self, customer_id: UUID, probe: ShopProbe, origin: Origin, version: str) -> None:
        """It told this version, or none, which is empty; of a shop that was not looked at lately nothing is kept."""
        if self.lately(customer_id, probe, origin):
            until, _ = self._seen[customer_id, probe, origin]
            self._seen[customer_id, probe, origin] = until, version

    def version(self, customer_id: UUID, probe: ShopProbe, origin: Origin) -> str | None:
        """The version it told a moment ago; None if nobody has asked."""
        return self._seen[customer_id, probe, origin][1] if self.lately(customer_id, probe, origin) else None
