"""Looks for a link that has moved: opens, one after the other, the menus and tabs that sound like it.

Only links are followed that lead somewhere and do nothing: none that could do harm, none with a token in its address.
"""

from core.browser.actions import Click
from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.fingerprints import Fingerprint
from core.planner.harm import does_something, harms_of_element
from core.planner.likeness import LikenessPlanner, in_words
from core.planner.planner import Detour, Rung, Situation, Undecided
from core.planner.resemblance import Crowd, Words, words_of
from core.planner.suitable import LED_BY
from core.workflows.step import ActionKind

SIGNS_OUT = "signout"
TELLING = 0.3  # a word that more than three of the links have says nothing about one of them


class ExploringPlanner:
    """Follows one link at a time; what was tried for this step is not tried again."""

    def __init__(self, likeness: LikenessPlanner) -> None:
        self._likeness = likeness

    async def decide(self, situation: Situation, page: BrowserPage) -> Detour | Undecided:
        """The link that sounds most like what is looked for."""
        looks = [look for look in self._likeness.looks(situation) if look.role in LED_BY]
        if situation.step.action is not ActionKind.CLICK or situation.stayed or not looks:
            return Undecided(because="it is nothing that a menu could lead to")
        try:
            for element in promising(looks, await page.snapshot()):
                ways = await page.ways_to(element.ref)
                if ways and not situation.failed.intersection(ways):
                    return Detour(Click(ways[0]), element, Rung.LIKENESS, f"Look for it under {in_words(element)}")
        except ActionFailed as error:
            return Undecided(because=error.because)
        return Undecided(because="no menu sounds like it")


def promising(looks: list[Fingerprint], snapshot: Snapshot) -> list[ElementSeen]:
    """The links that share a telling word with what is looked for, the likest first."""
    links = [one for one in snapshot.elements if one.role in LED_BY and _only_leads(one)]
    crowd = Crowd.of(links)
    wanted = frozenset[str]().union(*(words_of((look.name, *look.leads)) for look in looks))
    worth = {one.ref: _worth(wanted, one, crowd) for one in links}
    return sorted((one for one in links if worth[one.ref] >= TELLING), key=lambda one: -worth[one.ref])


def _only_leads(element: ElementSeen) -> bool:
    meant = words_of((element.name, *element.leads, " ".join(element.leads)))
    acts = SIGNS_OUT in meant or "action" in element.leads or does_something(element)
    return bool(element.leads) and not harms_of_element(element) and not acts


def _worth(wanted: Words, element: ElementSeen, crowd: Crowd) -> float:
    return sum(crowd.tells(word) for word in wanted & words_of((element.name,)))
