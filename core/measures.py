"""The seam through which what happens in this process is counted and timed."""

from typing import Protocol


class Measures(Protocol):
    """Takes down what happened. Called from any thread; it never fails, and waits for nothing."""

    def database_called(self, kind: str, seconds: float, *, failed: bool) -> None:
        """A transaction is over, the wait for a connection included: `kind` is read or write."""
        ...

    def woken(self) -> None:
        """A worker was woken for an operation, by a message, the sweep or a person."""
        ...

    def lease_lost(self) -> None:
        """Another worker has taken over what this process was doing."""
        ...

    def run_started(self, waited: float) -> None:
        """An operation was begun for the first time, so many seconds after it might have been."""
        ...

    def run_ended(self, outcome: str, seconds: float) -> None:
        """A run of this process has written its end, clean-up included."""
        ...


class Unmeasured:
    """Takes nothing down: for commands, and for whoever does not look."""

    def database_called(self, kind: str, seconds: float, *, failed: bool) -> None:
        """Nothing."""

    def woken(self) -> None:
        """Nothing."""

    def lease_lost(self) -> None:
        """Nothing."""

    def run_started(self, waited: float) -> None:
        """Nothing."""

    def run_ended(self, outcome: str, seconds: float) -> None:
        """Nothing."""
