"""How many runs there may be at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How many runs there may be: of one process, and of one customer in all processes together."""

    at_once: int = 4  # a browser context needs about 90 MiB
    per_customer: int = 3
