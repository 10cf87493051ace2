"""The first two rungs: the locator that was recorded, then its alternatives; and what staff accepted as one more."""

from datetime import timedelta

from core.browser.page import BrowserPage
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Check, Matcher

PATIENCE = timedelta(seconds=10)  # how long an element may take to appear after the step before was verified


class RecordedPlanner:
    """Replays what was learnt.

    1. Is the recorded locator on the page? Take it.
    2. Is a recorded alternative? Take that, and say so.
    3. Is a place that staff accepted after a step was healed? Take that as the guess it was: what it is now is looked at.
    4. Else wait until one of them appears, and look again.
    """

    def __init__(self, patience: timedelta = PATIENCE) -> None:
        self._patience = patience

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision | Undecided:
        """The recorded place, if this page has it within the patience; that was tried on it is not tried again."""
        step = situation.step
        if step.locator is None:
            return Decision(None, Rung.RECORDED)
        if situation.stayed:
            return Undecided(because="the page stayed as it was")
        if found := await _find(situation, step.locator, page):
            return found
        if situation.glance or situation.tried:
            return Undecided(because=f"{step.target} is not there; {await page.seen()}")
        appears = await page.expect(
            Check(Matcher.VISIBLE, _any_of(step.locator, (*step.alternatives, *step.accepted))), self._patience
        )
        if appears.held and (found := await _find(situation, step.locator, page)):
            return found
        return Undecided(because=f"{step.target} is not there; {appears.seen or await page.seen()}")


async def _find(situation: Situation, recorded: Locator, page: BrowserPage) -> Decision | None:
    if recorded not in situation.failed and await page.present(recorded):
        return Decision(recorded, Rung.RECORDED)
    for alternative in situation.step.alternatives:
        if alternative not in situation.failed and await page.present(alternative):
            return Decision(alternative, Rung.ALTERNATIVE, note="found under another name that is known")
    for accepted in situation.step.accepted:
        if accepted not in situation.failed and (element := await page.element_at(accepted)):
            note = "found where staff accepted it"
            return Decision(accepted, Rung.ACCEPTED, note, element, evidence={"accepted": True})
    return None


def _any_of(recorded: Locator, alternatives: tuple[Locator, ...]) -> Locator:
    """One locator for whichever of them appears first."""
    links = recorded.links + tuple(Link(By.OR, alternative) for alternative in alternatives)
    return Locator((*links, Link(By.VISIBLE, True), Link(By.NTH, 0)))
