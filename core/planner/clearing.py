"""Clears the way to a step without a model: closes a dialog that lies over the page, goes on to a form's next page.

Only what can't do any harm is pressed, only if there is exactly one such thing, and only by words that mean nothing else.
Where a dialog has several things to press it asks something, and “OK” or “Continue” would be a yes: it is only closed.
"""

import re
from collections.abc import Sequence

from core.browser.actions import Click
from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.harm import harms_of, harms_of_element
from core.planner.planner import Detour, Rung, Situation, Undecided

CLOSES = re.compile(
    r"^(close|dismiss|got it|not now|no,? thanks|maybe later|later|skip( tour)?|\u00d7|\u2715|x|"
    r"schlie(ß|ss)en|verstanden|nicht jetzt|später|fermer|plus tard|compris|cerrar|entendido|ahora no|más tarde|chiudi)[.!]?$",
    re.IGNORECASE,
)
ACKNOWLEDGES = re.compile(r"^ok(ay)?[.!]?$", re.IGNORECASE)
GOES_ON = re.compile(
    r"^(next( step| page)?|continue|forward|go on|proceed|weiter|fortfahren|nächste(r schritt)?|suivant|continuer|siguiente|continuar|avanti|continua)\W*$",
    re.IGNORECASE,
)
PRESSED = frozenset({"button", "link"})


class ClearingPlanner:
    """Stands between likeness and the model: it finds no element, only what is in the way of one."""

    async def decide(self, situation: Situation, page: BrowserPage) -> Detour | Undecided:
        """What to press first, if there is no doubt about it."""
        try:
            if found := _in_the_way((await page.snapshot()).elements):
                return await _pressing(*found, situation, page)
        except ActionFailed as error:
            return Undecided(because=error.because)
        return Undecided(because="nothing is in the way that could be closed")


def _in_the_way(elements: Sequence[ElementSeen]) -> tuple[ElementSeen, str] | None:
    """What is to be pressed, and what for."""
    page = [one for one in elements if one.place != "dialog"]
    over = [one for one in elements if one.place == "dialog"]
    asks = sum(one.role in PRESSED for one in over) > 1
    told = [] if asks else over
    for among, words, intent in (
        (over, CLOSES, "Close what lies over the page"),
        (told, ACKNOWLEDGES, "Close what lies over the page"),
        ([*told, *page], GOES_ON, "Go on to the next page of the form"),
    ):
        if element := _only(among, words):
            return element, intent
    return None


def _only(elements: Sequence[ElementSeen], words: re.Pattern[str]) -> ElementSeen | None:
    """The one element to press that is called so; none if there are several, or it could do harm."""
    fitting = [one for one in elements if one.role in PRESSED and one.enabled and words.match(one.name.strip())]
    return fitting[0] if len(fitting) == 1 and not _may_do_harm(fitting[0], words) else None


def _may_do_harm(element: ElementSeen, words: re.Pattern[str]) -> bool:
    """Whether it speaks of harm itself, or what stands around it does and pressing it would say yes to that."""
    agreed_to = () if words is CLOSES else element.near
    return bool(harms_of_element(element) | harms_of(" ".join(agreed_to)))


async def _pressing(element: ElementSeen, intent: str, situation: Situation, page: BrowserPage) -> Detour | Undecided:
    ways = await page.ways_to(element.ref)
    if situation.failed.intersection(ways):
        return Undecided(because=f"“{element.name}” was pressed already")
    if not ways:
        return Undecided(because=f"“{element.name}” went away while it was looked at")
    return Detour(Click(ways[0]), element, Rung.LIKENESS, intent, note=f"first “{element.name}” was pressed")
