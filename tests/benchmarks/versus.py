"""One comparison of a benchmark: our way and the plain way to do the same."""

from collections.abc import Callable
from dataclasses import dataclass


def nothing_more(seconds: float) -> str:
    """What most comparisons have to add."""
    return ""


@dataclass(frozen=True)
class Contest:
    """Two ways, done by turns, each `times` in a round. `highest` is the ratio that may not be passed, if one was promised.

    `more` adds to the line what ours comes to, from its seconds.
    """

    name: str
    ours: Callable[[], object]
    plain: Callable[[], object]
    times: int = 1
    highest: float | None = None
    more: Callable[[float], str] = nothing_more
