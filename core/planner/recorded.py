"""The first two rungs: the locator that was recorded, then its alternatives; and what staff accepted as one more."""

from collections.abc import Sequence
from datetime import timedelta

from core.browser.page import BrowserPage
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.planner.whole_names import in_whole, is_there
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Check, Matcher

Looks = Sequence[Fingerprint]
PATIENCE = timedelta(seconds=10)  # how long an element may take to appear after the step before was verified


class RecordedPlanner:
    """Replays what was learnt.

    1. Is the recorded locator on the page? Take it, unless what it finds is called more than what the tests saw.
    2. Is a recorded alternative? Take that, and say so.
    3. Is a place that staff accepted after a step was healed? Take that as the guess it was: what it is now is looked at.
    4. Else wait until one of them appears, and look again.
    """

    def __init__(self, patience: timedelta = PATIENCE, fingerprints: Fingerprints | None = None) -> None:
        self._patience = patience
        self._fingerprints = fingerprints or Fingerprints()

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision | Undecided:
        """The recorded place, if this page comes to have it; what was tried on it is not tried again."""
        step = situation.step
        if step.locator is None:
            return Decision(None, Rung.RECORDED)
        if situation.stayed:
            return Undecided(because="the page stayed as it was")
        looks = self._fingerprints.of_step(situation.workflow, step.order, situation.slots)
        if found := await _find(situation, step.locator, looks, page):
            return found
        if situation.glance or situation.tried:
            return Undecided(because=f"{step.target} is not there; {await page.seen()}")
        return await self._wait(situation, step.locator, looks, page)

    async def _wait(
        self, situation: Situation, recorded: Locator, looks: Looks, page: BrowserPage
    ) -> Decision | Undecided:
        """What appears first may not be called what the tests saw: then that is waited for, as long again."""
        step = situation.step
        known = (recorded, *step.alternatives, *step.accepted)
        appears = await page.expect(Check(Matcher.VISIBLE, _any_of(known)), self._patience)
        found = await _find(situation, recorded, looks, page) if appears.held else None
        if appears.held and not found:
            certain = [one for locator in known for one in (in_whole(locator, looks) or [locator])]
            appears = await page.expect(Check(Matcher.VISIBLE, _any_of(certain)), self._patience)
            found = await _find(situation, recorded, looks, page)
        return found or Undecided(because=f"{step.target} is not there; {appears.seen or await page.seen()}")


async def _find(situation: Situation, recorded: Locator, looks: Looks, page: BrowserPage) -> Decision | None:
    step = situation.step
    for learnt in (recorded, *step.alternatives):
        found = None if learnt in situation.failed else await is_there(learnt, looks, page)
        if found and found not in situation.failed:
            as_recorded = learnt is recorded
            note = "" if as_recorded else "found under another name that is known"
            return Decision(found, Rung.RECORDED if as_recorded else Rung.ALTERNATIVE, note)
    for accepted in step.accepted:
        if accepted not in situation.failed and (element := await page.element_at(accepted)):
            note = "found where staff accepted it"
            return Decision(accepted, Rung.ACCEPTED, note, element, evidence={"accepted": True})
    return None


def _any_of(locators: Sequence[Locator]) -> Locator:
    """One locator for whichever of them appears first."""
    links = locators[0].links + tuple(Link(By.OR, other) for other in locators[1:])
    return Locator((*links, Link(By.VISIBLE, True), Link(By.NTH, 0)))
