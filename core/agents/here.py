"""Where a run stands: one step, bound to the run's values, and what it works with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from core.agents.budget import RunBudget
from core.agents.pace import Pace
from core.agents.person import Person
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.task import StepLog
from core.browser.page import BrowserPage
from core.planner.planner import Planner, Situation
from core.planner.spending import Purse
from core.workflows.locator import Locator
from core.workflows.step import PRESSING, ActionKind, TaskStep


async def never(seen: str) -> bool:
    """A service that never says no."""
    return False


@dataclass(frozen=True)
class StepTools:
    """What the steps of one run are taken with, on one page.

    With the key of an authenticator, it `makes_codes` for a second step by itself. `trouble` finds the notices by which this service says no; `says_no` tells whether what was seen is one that is known.
    """

    page: BrowserPage
    planner: Planner
    log: StepLog
    policy: Policy
    trouble: Locator
    workflow_id: str = ""
    says_no: Callable[[str], Awaitable[bool]] = never
    person: Person | None = None
    makes_codes: bool = False
    purse: Purse = field(default_factory=Purse)
    budget: RunBudget = field(default_factory=RunBudget)
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True)
class Here:
    """One step of the timeline: as it was `learnt`, and as it is for this run; then the steps that may follow it.

    One that `makes` something may not be done twice.
    """

    position: int
    learnt: TaskStep
    step: TaskStep
    slots: Slots
    following: tuple[TaskStep, ...] = ()
    makes: bool = False

    @classmethod
    def at(cls, position: int, learnt: TaskStep, slots: Slots, following: tuple[TaskStep, ...] = ()) -> "Here":
        """A learnt step with this run's values."""
        return cls(position, learnt, slots.bind(learnt), slots, following, makes=makes(learnt, following))

    @property
    def secret(self) -> str | None:
        """The name of the secret that the step types."""
        return self.slots.secret_of(self.learnt)

    def situation(self, tools: StepTools, tried: "Tried | None" = None) -> Situation:
        """What a planner is asked."""
        tried = tried or Tried()
        return Situation(
            step=self.step,
            workflow=tools.workflow_id,
            tried=tried.words,
            failed=tried.failed,
            stayed=tried.stayed,
            secret=self.secret,
            slots=self.slots.plain,
            purse=tools.purse,
        )


def makes(step: TaskStep, following: Sequence[TaskStep]) -> bool:
    """Whether a step makes what is then read off the page, as the last click before the first capture does: once is enough."""
    if step.action not in PRESSING:
        return False
    after = next((one for one in following if one.action in PRESSING | {ActionKind.CAPTURE}), None)
    return after is not None and after.action is ActionKind.CAPTURE


@dataclass(frozen=True)
class Tried:
    """What was tried of a step, in sentences; what could not be acted on; and whether the page stayed as it was.

    If its goal `was_there` before anything else was tried, that it is there now proves nothing.
    """

    words: tuple[str, ...] = ()
    failed: frozenset[Locator] = frozenset()
    stayed: bool = False
    was_there: bool = False

    def and_(self, words: str, failed: Locator | None = None, *, stayed: bool = False) -> "Tried":
        """This, and one more."""
        more = frozenset({failed}) if failed else frozenset()
        return replace(self, words=(*self.words, words), failed=self.failed | more, stayed=stayed)
