"""The ladder: who may decide where a step is done, in their order."""

from collections.abc import Sequence

from core.browser.page import BrowserPage
from core.planner.planner import Choice, Planner, Situation, Undecided


class Ladder:
    """Asks one rung after the other; what none of them can decide is undecided, for the reasons of all.

    Those that only look come first, then those that also act on the page or ask elsewhere: nobody does that at a glance.
    """

    def __init__(self, looking: Sequence[Planner], acting: Sequence[Planner] = ()) -> None:
        self._looking = tuple(looking)
        self._acting = tuple(acting)

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        """What the first rung says that can decide."""
        reasons = list[str]()
        for rung in self._looking if situation.glance else (*self._looking, *self._acting):
            choice = await rung.decide(situation, page)
            if not isinstance(choice, Undecided):
                return choice
            if choice.because not in reasons:
                reasons.append(choice.because)
        return Undecided(because="; ".join(reason.removesuffix(".") for reason in reasons) or "nobody may decide")
