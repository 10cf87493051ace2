"""What the model may cost in one run, and what it has cost so far."""

from dataclasses import dataclass
from typing import ClassVar

from core.errors import CoreError


class BudgetSpent(CoreError):
    """This run may not ask the model any more."""

    code: ClassVar[str] = "budget_spent"


@dataclass(frozen=True)
class Limits:
    """The most that one run may spend on the model; tokens in and out together, money in millionths of a dollar."""

    calls: int = 24  # a step that changed takes one or two; a run that needs more is lost
    tokens: int = 120_000
    millionths: int = 500_000


@dataclass(frozen=True)
class Spent:
    """What was spent: calls, tokens in and out together, and millionths of a dollar."""

    calls: int = 0
    tokens: int = 0
    millionths: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.millionths + other.millionths)


class Purse:
    """One run's money for the model; what earlier attempts of it have spent is spent."""

    def __init__(self, limits: Limits | None = None, spent: Spent | None = None) -> None:
        self.limits = limits or Limits()
        self.spent = spent or Spent()

    def check(self, wanted: Spent | None = None) -> None:
        """Raises BudgetSpent if this much more would be too much."""
        after = self.spent + (wanted or Spent())
        for name, unit in (("calls", "questions"), ("tokens", "tokens"), ("millionths", "millionths of a dollar")):
            most = getattr(self.limits, name)
            if getattr(after, name) > most:
                raise BudgetSpent(because=f"A run has {most:,} {unit} for the model, and they are used up.")

    def pay(self, amount: Spent) -> None:
        """Count what a call has cost; it is counted even if it was too much."""
        self.spent += amount
