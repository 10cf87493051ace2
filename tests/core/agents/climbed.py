"""One step that has to climb: a page whose elements are seen, who decides, who may be asked, and what comes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from core.agents.here import StepTools, never
from core.agents.person import Person
from core.agents.policy import Policy
from core.agents.slots import Slots
from core.agents.step import StepRunner, Taken
from core.agents.task import PlannedStep
from core.browser.actions import Click
from core.browser.page import BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.ladder import Ladder
from core.planner.planner import Choice, Decision, Detour, Planner, Rung, Situation, Undecided
from core.planner.recorded import RecordedPlanner
from core.security.origin import Origin
from core.workflows.locator import By, Link, Locator
from core.workflows.step import TaskStep
from tests.core.agents.learnt import css
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.step_log import MemoryStepLog

SHOP = Origin("https", "tea.example", 443)
NOTICES = css(".error")

Deed = Callable[[FakePage], None]


def there(selector: str, name: str = "", role: str = "button", does: Deed | None = None, **seen: Any) -> FakeElement:
    """An element that is seen; its selector is also its ref."""
    return FakeElement((css(selector),), text=name, does=does, seen=ElementSeen(role, name, **seen, ref=selector))


def page_of(*elements: FakeElement, more: tuple[Screen, ...] = ()) -> FakePage:
    """A page of settings with these elements, and more screens."""
    page = FakePage(SHOP, Screen("/settings", "Settings", elements=list(elements)), *more)
    page.go("/settings")
    return page


def leads_to(path: str) -> Deed:
    """What a link does."""
    return lambda page: page.go(path)


def shows_element(*selectors: str) -> Deed:
    """What a button does that only shows more of the same page."""

    def show(page: FakePage) -> None:
        for one in page.screen.elements:
            one.visible = one.visible or any(css(selector) in one.locators for selector in selectors)

    return show


def element_of(page: FakePage, selector: str) -> FakeElement:
    """An element of the screen that is shown."""
    return next(one for one in page.screen.elements if css(selector) in one.locators)


def renamed(page: FakePage, selector: str, name: str = "Something else") -> Callable[[], None]:
    """What gives an element another name while somebody thinks."""

    def rename() -> None:
        element = element_of(page, selector)
        assert element.seen is not None
        element.seen = replace(element.seen, name=name)

    return rename


def both(one: Locator, other: Locator) -> Locator:
    """The locator that finds an element only if both do."""
    return Locator((*one.links, Link(By.AND, other)))


class Guesses:
    """A rung that looks: what each step means, by its intent, it takes to be the first of these elements that is there."""

    def __init__(self, meant: Mapping[str, tuple[str, ...]], rung: Rung = Rung.LIKENESS) -> None:
        self.told: list[Situation] = []
        self._meant = meant
        self._rung = rung

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        self.told.append(situation)
        snapshot = await page.snapshot()
        for ref in () if situation.stayed else self._meant.get(situation.step.intent, ()):
            ways = [way for way in await page.ways_to(ref) if way not in situation.failed]
            if ways:
                seen = snapshot.element(ref)
                return Decision(ways[0], self._rung, f"took {ref} for it", seen, evidence={"score": 0.8})
        return Undecided(because="nothing is like it")


class Suggests:
    """A rung that acts: it says one of these after the other, and then nothing more."""

    def __init__(self, *choices: Choice) -> None:
        self.told: list[Situation] = []
        self._choices = list(choices)

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        self.told.append(situation)
        return self._choices.pop(0) if self._choices else Undecided(because="nobody knows better")


def first(element: FakeElement, intent: str = "Close what lies over the page", rung: Rung = Rung.MODEL) -> Detour:
    """Click this first."""
    assert element.seen is not None
    return Detour(Click(element.locators[0]), element.seen, rung, intent, note="it is in the way")


@dataclass
class Climb:
    """A run of one step at a time, with all it touches. Recorded places come first, then who `looks`, then who `acts`."""

    page: FakePage
    looks: tuple[Planner, ...] = ()
    acts: tuple[Planner, ...] = ()
    person: Person | None = None
    policy: Policy = field(default_factory=lambda: Policy(SHOP))
    slots: Slots = field(default_factory=lambda: Slots({}))
    says_no: Callable[[str], Awaitable[bool]] = never
    makes_codes: bool = False
    log: MemoryStepLog = field(default_factory=MemoryStepLog)

    def __post_init__(self) -> None:
        tools = StepTools(
            page=self.page,
            planner=Ladder([RecordedPlanner(timedelta(0)), *self.looks], self.acts),
            log=self.log,
            policy=self.policy,
            trouble=NOTICES,
            workflow_id="should-do-it",
            says_no=self.says_no,
            person=self.person,
            makes_codes=self.makes_codes,
        )
        self.runner = StepRunner(tools, self.slots)

    async def take(self, step: TaskStep, *following: TaskStep) -> Taken:
        """Take this step, which may be followed by those."""
        position = await self.log.plan([PlannedStep(step.intent, step.action)])
        return await self.runner.take(position, step, following)

    @property
    def way(self) -> list[tuple[str, Rung]]:
        """What was about to be done, and who had decided it."""
        return [(one.step.intent, one.decision.rung) for one in self.log.intended]
