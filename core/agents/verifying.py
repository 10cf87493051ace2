"""Verifies that a step has done what it should: by what its test expected, and, where that changed, by what follows."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.agents.here import Here, StepTools
from core.agents.obstacles import obstacle_of
from core.browser.page import ActionFailed, Performed
from core.planner.planner import LEARNT, Decision
from core.planner.suitable import DRAWN
from core.workflows.locator import By, Link, Locator
from core.workflows.step import PRESSING, ActionKind, Check, Matcher, TaskStep

VERIFY_WITHIN = timedelta(seconds=20)  # a slow shop's page; what takes longer has not worked
LOOK_ROUND_AFTER = timedelta(seconds=4)  # until then what is expected is waited for, and for nothing else
OBSTACLES = Locator.css("input[autocomplete='one-time-code'], iframe[src*='captcha']")  # what is asked for in between
GOES_ON = "what should be there has another name, but it goes on from here"


@dataclass(frozen=True)
class Before:
    """How the page was before a step: at which address, and whether all that is expected of the step `held` already."""

    address: str
    held: bool = False


class Verifier:
    """Holds the page against what a step should have led to."""

    def __init__(self, tools: StepTools, within: timedelta = VERIFY_WITHIN) -> None:
        self._tools = tools
        self._page = tools.page
        self._within = within
        self._unless = Locator((*tools.trouble.links, Link(By.OR, OBSTACLES)))

    async def verify(self, here: Here, decision: Decision, performed: Performed, before: Before) -> tuple[str, str]:
        """What was seen instead of what was expected, or nothing; and a note, if it held in an unusual way.

        A step that was done on a guess has to lead somewhere: one without any expectation, or whose expectation held
        before, is held against what follows.
        """
        note = ""
        for expected in here.step.checks:
            check = _where_it_was_done(expected, here.step, decision, performed)
            if seen := await self._missing(check, LOOK_ROUND_AFTER):
                if await self._goes_on(here, decision, before.address):
                    note = GOES_ON
                elif await self._asks_something() or (
                    seen := await self._missing(check, self._within - LOOK_ROUND_AFTER)
                ):
                    return seen, ""
        if (before.held or self._proves_nothing(here, decision)) and not await self._goes_on(
            here, decision, before.address
        ):
            return f"nothing came of it; {await self._page.seen()}", ""
        return "", note

    async def _asks_something(self) -> bool:
        """Whether the shop asks for something in between, so that waiting on is no use."""
        try:
            return obstacle_of(await self._page.snapshot()) is not None
        except ActionFailed:
            return False

    async def is_fulfilled(self, here: Here) -> bool:
        """Whether what a step should lead to is there: what is expected, or, without a “no”, what the next steps are done on."""
        if here.step.action is not ActionKind.CLICK or not here.step.checks:
            return False
        if await self.holds(here):
            return True
        return not await self._page.present(self._unless) and await self._offers_what_follows(here)

    async def holds(self, here: Here) -> bool:
        """Whether all that is expected of a click or a key is there; where nothing is expected, it is not."""
        for check in here.step.checks:
            if not (await self._page.expect(check, timedelta(0))).held:
                return False
        return bool(here.step.checks) and here.step.action in PRESSING

    def _proves_nothing(self, here: Here, decision: Decision) -> bool:
        guessed = decision.rung not in LEARNT and decision.target is not None
        return guessed and not here.step.checks and here.step.action in PRESSING

    async def _missing(self, check: Check, within: timedelta) -> str:
        """Wait for what is expected, or for the shop to say no; what was seen instead, or nothing."""
        if check.matcher is Matcher.VISIBLE and check.locator and not check.negated:
            one = Locator((*check.locator.links, Link(By.VISIBLE, True), Link(By.NTH, 0)))
            verdict = await self._page.expect(Check(Matcher.VISIBLE, one), within, unless=self._unless)
        else:
            verdict = await self._page.expect(check, within)
        return "" if verdict.held else verdict.seen or "something else"

    async def _goes_on(self, here: Here, decision: Decision, address_before: str) -> bool:
        """Whether the page has moved on, says no “no”, and offers one of the elements that the next steps are done on."""
        if await self._page.present(self._unless):
            return False
        stayed = self._page.address == address_before and decision.target and await self._page.present(decision.target)
        if stayed and here.step.action is not ActionKind.ASSERT:
            return False
        return await self._offers_what_follows(here)

    async def _offers_what_follows(self, here: Here) -> bool:
        for learnt in next_elements(here.following):
            situation = Here.at(here.position, learnt, here.slots).situation(self._tools)
            choice = await self._tools.planner.decide(replace(situation, glance=True), self._page)
            if isinstance(choice, Decision):
                return True
        return False


def next_elements(following: tuple[TaskStep, ...]) -> list[TaskStep]:
    """The steps on elements that may come next: up to the first that always does."""
    found = list[TaskStep]()
    for step in following:
        if step.locator is not None:
            found.append(step)
            if not step.controls:
                break
    return found


def _where_it_was_done(check: Check, step: TaskStep, decision: Decision, performed: Performed) -> Check:
    """What is expected of the step's own element, of the one it was done on, which may be another; a drawn list has no value, but shows it."""
    if check.locator is None or check.locator != step.locator or decision.target is None:
        return check
    if check.matcher is Matcher.HAS_VALUE and decision.element and decision.element.kind == DRAWN:
        return Check(Matcher.CONTAINS_TEXT, decision.target, performed.value or str(check.value))
    return replace(check, locator=decision.target)
