"""Likeness: what on this page looks most like the element that the tests acted on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.harm import harms_of_element, harms_of_step
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.planner.resemblance import Crowd, likeness
from core.planner.suitable import is_suitable
from core.workflows.locator import By
from core.workflows.step import TaskStep

# How alike the best has to be, of 1, and by how much more than the next: what is less alike has to stand out the more.
# Below, what is alike is so by chance (tests/benchmarks/drift).
ENOUGH = ((0.65, 0.12), (0.52, 0.22))


@dataclass(frozen=True)
class Ranked:
    """An element, and how much it looks like the one that was meant: 0 to 1."""

    element: ElementSeen
    score: float


class LikenessPlanner:
    """Acts only where one element is alike enough, and clearly more so than any other."""

    def __init__(self, fingerprints: Fingerprints) -> None:
        self._fingerprints = fingerprints

    async def decide(self, situation: Situation, page: BrowserPage) -> Decision | Undecided:
        """The element that is meant, if there is no doubt about it."""
        looks = self.looks(situation)
        if situation.stayed:
            return Undecided(because="the page stayed as it was")
        if not looks:
            return Undecided(because="no test has met its element")
        try:
            candidates = ranked(situation, looks, await page.snapshot())
            if objection := doubt(candidates):
                return Undecided(because=objection)
            return await self._found(situation, page, candidates[0], lead(candidates))
        except ActionFailed as error:
            return Undecided(because=error.because)

    def looks(self, situation: Situation) -> tuple[Fingerprint, ...]:
        """How the step's element has looked, with this run's values; also under the names that its locators give it."""
        looks = self._fingerprints.of_step(situation.workflow, situation.step.order, situation.slots)
        return (*looks, *(replace(look, name=name) for look in looks for name in names_in(situation.step)))

    async def _found(
        self, situation: Situation, page: BrowserPage, best: Ranked, margin: float
    ) -> Decision | Undecided:
        element = best.element
        ways = await page.ways_to(element.ref)
        if situation.failed.intersection(ways):
            return Undecided(because=f"{in_words(element)} could not be acted on")
        if not ways:
            return Undecided(because=f"“{element.name}” went away while it was looked at")
        return Decision(
            target=ways[0],
            rung=Rung.LIKENESS,
            note=f"found by its likeness: {in_words(element)}",
            element=element,
            ways=tuple(ways[1:]),
            evidence={"score": round(best.score, 2), "margin": round(margin, 2)},
        )


def names_in(step: TaskStep) -> list[str]:
    """What the locators of a step call its element."""
    locators = (step.locator, *step.alternatives) if step.locator else ()
    links = [locator.links[-1] for locator in locators]
    named = [
        link.name if link.by is By.ROLE else link.value for link in links if link.by in {By.ROLE, By.LABEL, By.TEXT}
    ]
    return [name for name in named if isinstance(name, str)]


def lead(candidates: Sequence[Ranked]) -> float:
    """How much better the best is than the next."""
    return candidates[0].score - (candidates[1].score if len(candidates) > 1 else 0.0)


def doubt(candidates: Sequence[Ranked]) -> str:
    """Why none of these can be taken for the one that was meant; empty if the first can."""
    if not candidates or candidates[0].score < min(score for score, _ in ENOUGH):
        return "nothing on the page is enough like it"
    best, ahead = candidates[0], lead(candidates)
    if any(best.score >= score and ahead >= margin for score, margin in ENOUGH):
        return ""
    others = f", and {in_words(candidates[1].element)} hardly less" if len(candidates) > 1 else ""
    return f"{in_words(best.element)} is somewhat like it{others}"


def ranked(situation: Situation, looks: Sequence[Fingerprint], snapshot: Snapshot) -> list[Ranked]:
    """What this step could be done on, the likest first. What can't be taken back is left out, unless the step is of its kind."""
    allowed = harms_of_step(situation.step)
    fitting = [
        element
        for element in snapshot.elements
        if is_suitable(element, situation.step.action, types_secret=situation.secret is not None)
        and harms_of_element(element) <= allowed
    ]
    crowd = Crowd.of(fitting)
    scored = [Ranked(element, max(likeness(look, element, crowd) for look in looks)) for element in fitting]
    return sorted(scored, key=lambda one: -one.score)


def in_words(element: ElementSeen) -> str:
    """An element as people call it."""
    named = element.name or element.placeholder or (element.near[0] if element.near else "")
    return f"{element.role} “{named}”" if named else f"a {element.role} without a name"
