"""Remembers which shops somebody has just had looked at, so that what begins a moment later does not look again."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from core.agents.integration import Seen, ShopProbe
from core.security.origin import Origin

SEEN_FOR = 60.0  # seconds; longer than it takes to read what is agreed to, and too short for a shop to move
TOLD_WITHIN = 5.0  # seconds for a version; somebody waits, and it is not needed
LONGEST_VERSION = 100  # characters, as the column has them

Shop: TypeAlias = tuple[UUID, ShopProbe, Origin]  # whose look it was, at which service, and where


@dataclass(frozen=True)
class Look:
    """A shop that was there; `version` is what it told, empty if it tells none, None if nobody has asked."""

    until: float
    version: str | None = None


class SeenShops:
    """The shops that somebody has just had looked at, on the page before they start: a slow shop is not asked twice."""

    def __init__(self) -> None:
        self._looks: dict[Shop, Look] = {}

    def remember(self, customer_id: UUID, probe: ShopProbe, origin: Origin) -> None:
        """It was there at this moment; what it told a moment before still holds."""
        now, shop = time.monotonic(), (customer_id, probe, origin)
        self._looks = {one: look for one, look in self._looks.items() if look.until > now}
        known = self._looks.get(shop)
        self._looks[shop] = Look(now + SEEN_FOR, known.version if known else None)

    def tell(self, customer_id: UUID, probe: ShopProbe, origin: Origin, seen: tuple[Seen, ...]) -> None:
        """It told this of itself; of a shop that was not looked at lately nothing is kept."""
        shop = (customer_id, probe, origin)
        if look := self._lately(shop):
            self._looks[shop] = replace(look, version=_own(seen))

    async def found(self, customer_id: UUID, probe: ShopProbe, origin: Origin) -> str | None:
        """The version that a shop tells, if it tells one. Raises what the probe raises if it is not there.

        Both are asked beside each other, so that a slow shop is waited for once; only what was not just asked is asked.
        """
        look = self._lately((customer_id, probe, origin))
        told = asyncio.get_running_loop().create_task(_told(look, probe, origin))
        try:
            if look is None:
                await probe(origin)
            return await told
        finally:  # of a shop that is not there nothing is asked any more, nor if whoever waited has gone
            told.cancel()
            await asyncio.wait({told})

    def _lately(self, shop: Shop) -> Look | None:
        """Whoever looks by themselves has it looked at; what begins soon after does not look again, for that customer."""
        look = self._looks.get(shop)
        return look if look and look.until > time.monotonic() else None


async def _told(look: Look | None, probe: ShopProbe, origin: Origin) -> str | None:
    """What the service tells of its own version, if it does and somebody did not just ask; good to know, never needed."""
    told = look.version if look else None
    if told is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(TOLD_WITHIN):
                told = _own(await probe.versions(origin))
    return told or None


def _own(seen: tuple[Seen, ...]) -> str:
    """The service's own version, which stands after that of what it runs on; empty if it tells none."""
    return seen[-1].words[:LONGEST_VERSION] if seen and seen[-1].version else ""
