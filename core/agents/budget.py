"""How long one run may try: actions, failures in a row, and the same page again and again."""

from collections import Counter
from typing import ClassVar

from core.errors import CoreError

MOST_ACTIONS = 150  # a setup takes about a dozen; one that needs more is lost
MOST_FAILURES = 3  # in a row
MOST_ALIKE = 3  # times that something unusual is tried on a page that looks the same


class GaveUp(CoreError):
    """The agent got no further, and stopped."""

    code: ClassVar[str] = "gave_up"


class RunBudget:
    """Counts what one run tries. Time is the worker's to limit, and money the purse's."""

    def __init__(self) -> None:
        self._actions = 0
        self._failures = 0
        self._looks = Counter[str]()

    def act(self) -> None:
        """An action is about to be done. Raises GaveUp if it would be one too many."""
        self._actions += 1
        if self._actions > MOST_ACTIONS:
            raise GaveUp(because=f"It has done {MOST_ACTIONS} things, and is not there yet.")

    def try_on(self, state: str) -> None:
        """Something unusual is about to be tried on a page in this state. Raises GaveUp if it goes round in circles."""
        self._looks[state] += 1
        if self._looks[state] > MOST_ALIKE:
            raise GaveUp(because=f"The page has looked the same {MOST_ALIKE} times, whatever was tried.")

    def worked(self) -> None:
        """Something worked: what was tried before that led somewhere."""
        self._failures = 0
        self._looks.clear()

    def failed(self) -> None:
        """Something did not work, and is about to be tried in another way. Raises GaveUp if that is once too often."""
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            raise GaveUp(because=f"{MOST_FAILURES} things in a row did not work.")
