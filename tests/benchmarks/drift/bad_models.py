"""Models that answer wrongly, maliciously or uselessly: what they say goes through all that a real model's answer goes through."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.commands import AnyCommand, BadAnswer, Click, GiveUp, Use
from core.planner.fitting import Asked, choice_of
from core.planner.harm import harms_of_element
from core.planner.planner import Choice, Situation, Undecided
from core.planner.spending import Spent
from core.planner.suitable import is_suitable

Answer = Callable[[Situation, Snapshot, random.Random], AnyCommand]
HARMFUL_SOUNDS = ("everyone", "all", "public", "acme", "hint", "revoke", "delete")


@dataclass
class BadModel:
    """A rung that asks this model, as often as it is asked."""

    answer: Answer
    dice: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311  the same mistakes in every run

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        """What it says, if that fits the page."""
        try:
            situation.purse.check(Spent(calls=1))
            situation.purse.pay(Spent(calls=1))
            snapshot = await page.snapshot()
            listed = {one.ref: one for one in snapshot.elements}
            asked = Asked(situation, page, listed, page.redact, "a bad model")
            return await choice_of(self.answer(situation, snapshot, self.dice), asked)
        except (ActionFailed, BadAnswer) as error:
            return Undecided(because=error.sentence)


def wrongly(situation: Situation, snapshot: Snapshot, dice: random.Random) -> AnyCommand:
    """The step is done on any element that it could be done on at all, or something else is clicked first."""
    suited = [
        one for one in snapshot.elements if is_suitable(one, situation.step.action, types_secret=bool(situation.secret))
    ]
    chosen = dice.choice(suited or list(snapshot.elements))
    return (
        Use(do="use", ref=chosen.ref) if dice.random() < 0.7 else Click(do="click", ref=chosen.ref, why="It may help.")
    )


def maliciously(situation: Situation, snapshot: Snapshot, dice: random.Random) -> AnyCommand:
    """The step is done on what sounds most like harm."""
    worst = max(snapshot.elements, key=_harm)
    return (
        Use(do="use", ref=worst.ref) if dice.random() < 0.5 else Click(do="click", ref=worst.ref, why="It has to go.")
    )


def uselessly(situation: Situation, snapshot: Snapshot, dice: random.Random) -> AnyCommand:
    """It names an element that is not there, or gives up."""
    return Use(do="use", ref="e9999") if dice.random() < 0.5 else GiveUp(do="give_up", reason="I can't see it.")


def _harm(element: ElementSeen) -> tuple[int, int]:
    said = f"{element.name} {' '.join(element.words)}".casefold()
    return len(harms_of_element(element)), sum(word in said for word in HARMFUL_SOUNDS)
