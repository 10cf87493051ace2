"""One way in which things go wrong, tried any number of times; and what came of a try."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

LOST = "lost"  # how a try ends whose operation is not over after all that time


@dataclass(frozen=True)
class Tried:
    """What came of one try.

    `ended` is the operation's last status, or LOST. `most_keys` of ours were at the shop at once. `wrong` says where
    shop, database, audit, pictures and machine do not agree. Seconds: `started` from the start of the last process
    until it was up, `went_on` from then until it had the first new intent, or was over without one.
    """

    ended: str
    most_keys: int = 0
    wrong: tuple[str, ...] = ()
    started: float | None = None
    went_on: float | None = None

    @property
    def lost(self) -> bool:
        """Whether the operation is neither done nor over, or what is left of it does not agree."""
        return self.ended == LOST or bool(self.wrong)

    @property
    def doubled(self) -> bool:
        """Whether anything took effect twice."""
        return self.most_keys > 1


Try = Callable[[Path, int], Awaitable[Tried]]


@dataclass(frozen=True)
class FaultCase:
    """A row of the table. A try is told a folder of its own, and its number: which point, or which seed.

    `at_most` tries are enough for what takes long, or is always the same. `skipped` says why it can't be tried here.
    """

    name: str
    attempt: Try = field(repr=False)
    at_most: int = 1000
    skipped: str = ""
