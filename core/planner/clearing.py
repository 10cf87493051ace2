"""Clears the way to a step without a model: closes a dialog that lies over the page, goes on to a form's next page.

Only what can't do any harm is pressed, only if there is exactly one such thing, and only by words that mean nothing else.
"""

import re
from collections.abc import Sequence

from core.browser.actions import Click
from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.harm import harms_of_element
from core.planner.planner import Detour, Rung, Situation, Undecided

CLOSES = re.compile(
    r"^(close|dismiss|got it|not now|no,? thanks|maybe later|later|skip( tour)?|ok(ay)?|\u00d7|\u2715|x|"
    r"schlie(ß|ss)en|verstanden|nicht jetzt|später|fermer|plus tard|compris|cerrar|entendido|ahora no|más tarde|chiudi)[.!]?$",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"^(next( step| page)?|continue|go on|proceed|weiter|fortfahren|nächste(r schritt)?|suivant|continuer|siguiente|continuar|avanti|continua)\W*$",
    re.IGNORECASE,
)
PRESSED = frozenset({"button", "link"})


class ClearingPlanner:
    """Stands between likeness and the model: it finds no element, only what is in the way of one."""

    async def decide(self, situation: Situation, page: BrowserPage) -> Detour | Undecided:
        """What to press first, if there is no doubt about it."""
        try:
            snapshot = await page.snapshot()
        except ActionFailed as error:
            return Undecided(because=error.because)
        over = [one for one in snapshot.elements if one.place == "dialog"]
        for among, words, intent in (
            (over, CLOSES, "Close what lies over the page"),
            (snapshot.elements, GOES_ON, "Go on to the next page of the form"),
        ):
            if element := _only(among, words):
                return await _pressing(element, intent, situation, page)
        return Undecided(because="nothing is in the way that could be closed")


def _only(elements: Sequence[ElementSeen], words: re.Pattern[str]) -> ElementSeen | None:
    """The one element to press that is called so; none if there are several, or it could do harm."""
    fitting = [
        one
        for one in elements
        if one.role in PRESSED and one.enabled and words.match(one.name.strip()) and not harms_of_element(one)
    ]
    return fitting[0] if len(fitting) == 1 else None


async def _pressing(element: ElementSeen, intent: str, situation: Situation, page: BrowserPage) -> Detour | Undecided:
    ways = [way for way in await page.ways_to(element.ref) if way not in situation.failed]
    if not ways:
        return Undecided(because=f"“{element.name}” went away while it was looked at")
    return Detour(Click(ways[0]), element, Rung.LIKENESS, intent, note=f"first “{element.name}” was pressed")
