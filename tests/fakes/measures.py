"""Measures that are remembered."""

from dataclasses import dataclass, field


@dataclass
class Remembered:
    """What was measured, in order; see core/measures.py."""

    calls: list[tuple[str, bool]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wake_ups: int = 0
    lost: int = 0
    waits: list[float] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)

    def database_called(self, kind: str, seconds: float, *, failed: bool) -> None:
        self.calls.append((kind, failed))
        self.seconds.append(seconds)

    def woken(self) -> None:
        self.wake_ups += 1

    def lease_lost(self) -> None:
        self.lost += 1

    def run_started(self, waited: float) -> None:
        self.waits.append(waited)

    def run_ended(self, outcome: str, seconds: float) -> None:
        self.runs.append(outcome)
        self.seconds.append(seconds)
