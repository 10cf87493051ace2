"""Small pictures in memory: as many as fit into so many bytes, each for a while; those longest not asked for go first."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from core.integrations.small_pictures import SmallPicture

MOST_BYTES = 16 * 1024 * 1024  # several thousand pictures, or eighty of the largest drawings
ONE_ENTRY = 500  # bytes of an entry beside its address and its picture
KEPT_FOR = 6 * 3600.0  # seconds; a shop that has another picture mostly gives it another address
NONE_FOR = 600.0  # seconds that there is none


@dataclass(frozen=True)
class Kept:
    """What is known of an address, None if there is no picture, and until when."""

    picture: SmallPicture | None
    until: float
    size: int


class KeptPictures:
    """What is known of addresses of pictures."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.size = 0  # bytes

    def of(self, address: str) -> Kept | None:
        """What is known of it; None if nothing is any more."""
        found = self._kept.get(address)
        if found is None:
            return None
        if found.until <= time.monotonic():
            self._forget(address)
            return None
        self._kept.move_to_end(address)
        return found

    def keep(self, address: str, picture: SmallPicture | None) -> None:
        """This is there."""
        self._forget(address)
        size = ONE_ENTRY + len(address) + (len(picture.content) if picture else 0)
        self._kept[address] = Kept(picture, time.monotonic() + (KEPT_FOR if picture else NONE_FOR), size)
        self.size += size
        while self.size > MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, address: str) -> None:
        if forgotten := self._kept.pop(address, None):
            self.size -= forgotten.size
