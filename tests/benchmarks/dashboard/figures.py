"""How figures are told: the middle, what few are above, and the goal beside them."""

import os
import statistics
import sys
from collections.abc import Sequence


def middle(measured: Sequence[float]) -> float:
    """The median."""
    return statistics.median(measured)


def above(measured: Sequence[float], percent: int) -> float:
    """What so many of a hundred are not above."""
    return statistics.quantiles(measured, n=100, method="inclusive")[percent - 1]


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def begin(title: str) -> None:
    """Print what comes, and how busy the machine was before."""
    tell(f"\n{title}  (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")


def word(*, well: bool) -> str:
    """Whether a goal is met."""
    return "met" if well else "MISSED"
