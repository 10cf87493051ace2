"""A step log in memory: the timeline, and in one list everything that happened, in its order."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.agents.task import PlannedStep, StepOutcome
from core.browser.page import Picture
from core.database.session import CustomerSession
from core.planner.planner import Decision

Transact = Callable[[Callable[[CustomerSession], Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Intended:
    """A step that was about to be done."""

    position: int
    step: PlannedStep
    decision: Decision
    page_url: str | None


@dataclass
class MemoryStepLog:
    """Behaves like the real one: positions are given in order, and what `forbids` an intent is raised.

    `happened` is also where a test lets a page or a shop note its deeds, to see what came before what. `transact` runs
    what is given to `once` in a real transaction; without it, it is only remembered.
    """

    done: frozenset[str] = frozenset()
    forbids: Callable[[PlannedStep], Exception | None] = lambda step: None
    transact: Transact | None = None
    planned: list[PlannedStep] = field(default_factory=list)
    intended: list[Intended] = field(default_factory=list)
    outcomes: list[tuple[int, StepOutcome]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    unsettled: int = 0

    @property
    def done_before(self) -> frozenset[str]:
        return self.done

    @property
    def by_intent(self) -> dict[str, StepOutcome]:
        """How each step ended, the last time it was taken."""
        return {self.planned[position - 1].intent: outcome for position, outcome in self.outcomes}

    async def plan(self, steps: Sequence[PlannedStep]) -> int:
        first = len(self.planned) + 1
        self.planned += steps
        return first

    async def intend(self, position: int, step: PlannedStep, decision: Decision, page_url: str | None) -> None:
        if error := self.forbids(step):
            raise error
        self.intended.append(Intended(position, step, decision, page_url))
        self.happened.append(f"intended: {step.intent}")

    def conclude(self, position: int, outcome: StepOutcome) -> None:
        self.outcomes.append((position, outcome))
        self.unsettled += 1
        self.happened.append(f"concluded: {self.planned[position - 1].intent}")

    async def settled(self) -> None:
        self.unsettled = 0
        self.pictures = [await one.picture.ready() for _, one in self.outcomes if one.picture]

    async def write(self, use_case: Callable[[CustomerSession], Any]) -> Any:
        return await self.transact(use_case) if self.transact else None

    async def once(self, name: str, use_case: Callable[[CustomerSession], Any]) -> None:
        if name in self.done:
            return
        if self.transact:
            await self.transact(use_case)
        self.done |= {name}
        self.happened.append(f"once: {name}")
