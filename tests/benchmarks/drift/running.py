"""The seam between the benchmark and whoever is to make a key in a changed shop."""

from dataclasses import dataclass, field
from typing import Protocol

LOGIN, DESCRIPTION, PERMISSION = "admin", "OmniOps · op 0d1f7a2c", "read"


@dataclass(frozen=True)
class Wanted:
    """What a runner is to do: sign in as whom, and make which key."""

    address: str
    password: str = field(repr=False)
    login: str = LOGIN
    description: str = DESCRIPTION
    permission: str = PERMISSION


@dataclass(frozen=True)
class Ran:
    """How a run ended: the key that it read off the page, the sentence it ended with, and who decided its steps.

    `rungs` says how many steps each rung of the ladder decided; `asked` is how often a model was.
    """

    captured: tuple[str, str] | None = field(default=None, repr=False)
    ended: str = ""
    rungs: dict[str, int] = field(default_factory=dict)
    asked: int = 0


class Runner(Protocol):
    """Somebody who makes a key."""

    async def __call__(self, wanted: Wanted) -> Ran:
        """Make it, as far as it goes."""
        ...
