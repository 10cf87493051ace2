"""Whether the model may be asked in one run, what that may cost, and what it has cost so far."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from core.errors import CoreError


class BudgetSpent(CoreError):
    """This run may not ask the model any more."""

    code: ClassVar[str] = "budget_spent"


class ModelNotAllowed(CoreError):
    """No model was asked, because the customer has not allowed it."""

    code: ClassVar[str] = "model_not_allowed"


MayAsk = Callable[[], Awaitable[None]]  # raises ModelNotAllowed


async def asks_nobody() -> None:
    """For what needs no permission: nobody's pages are looked at."""


async def may_not_ask() -> None:
    """For a run before its permission is known."""
    raise ModelNotAllowed


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
    """One run's money for the model; what earlier attempts of it have spent is spent. `may_ask` is asked before it opens."""

    def __init__(self, limits: Limits | None = None, spent: Spent | None = None, may_ask: MayAsk = asks_nobody) -> None:
        self.limits = limits or Limits()
        self.spent = spent or Spent()
        self.may_ask = may_ask

    async def open(self, wanted: Spent) -> None:
        """Return if the model may be asked at this moment, for so much. Raises ModelNotAllowed or BudgetSpent."""
        await self.may_ask()
        self.check(wanted)

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
