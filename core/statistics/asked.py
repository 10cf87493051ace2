"""What somebody asks of the statistics."""

from dataclasses import dataclass

LONGEST_LOOK_BACK = 366  # days


@dataclass(frozen=True)
class Asked:
    """How many days back, of which service, and for staff of which customer (their name); nothing is all of them."""

    days: int = 30
    service: str = ""
    customer: str = ""
