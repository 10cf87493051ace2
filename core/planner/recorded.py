"""The first two rungs: the locator that was recorded, then its recorded alternatives."""

from datetime import timedelta

from core.browser.page import BrowserPage
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Check, Matcher, TaskStep

PATIENCE = timedelta(seconds=10)  # how long an element may take to appear after the step before was verified


class RecordedPlanner:
    """Replays what was learnt.

    1. Is the recorded locator on the page? Take it.
    2. Is a recorded alternative? Take that, and say so.
    3. Else wait until one of them appears, and look again.
    """

    def __init__(self, patience: timedelta = PATIENCE) -> None:
        self._patience = patience

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision | Undecided:
        """The recorded place, if this page has it within the patience."""
        step = situation.step
        if step.locator is None:
            return Decision(None, Rung.RECORDED)
        if found := await self._find(step, step.locator, page):
            return found
        appears = await page.expect(Check(Matcher.VISIBLE, _any_of(step.locator, step.alternatives)), self._patience)
        if appears.held and (found := await self._find(step, step.locator, page)):
            return found
        return Undecided(because=f"{step.target} is not there; {appears.seen or await page.seen()}")

    async def _find(self, step: TaskStep, recorded: Locator, page: BrowserPage) -> Decision | None:
        if await page.present(recorded):
            return Decision(recorded, Rung.RECORDED)
        for alternative in step.alternatives:
            if await page.present(alternative):
                return Decision(alternative, Rung.ALTERNATIVE, note="found under another name that is known")
        return None


def _any_of(recorded: Locator, alternatives: tuple[Locator, ...]) -> Locator:
    """One locator for whichever of them appears first."""
    links = recorded.links + tuple(Link(By.OR, alternative) for alternative in alternatives)
    return Locator((*links, Link(By.VISIBLE, True), Link(By.NTH, 0)))
