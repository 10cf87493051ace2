"""Holds what was recorded to the whole names that the tests saw: what a test calls an element may be a part of another's name.

Playwright finds a name wherever it is a part of one: “Log in” also finds “Log in with Acme”, once the button itself is
called something else.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.browser.page import BrowserPage
from core.planner.fingerprints import Fingerprint
from core.workflows.locator import By, Locator

NAMING = frozenset({By.ROLE, By.LABEL, By.TEXT, By.PLACEHOLDER, By.TITLE, By.ALT})
NARROWING = frozenset({By.NTH, By.VISIBLE})


async def is_there(locator: Locator, looks: Sequence[Fingerprint], page: BrowserPage) -> Locator | None:
    """The locator by which an element of a whole name is there; without such names, whatever the locator finds."""
    names = whole_names(locator, looks)
    for one in (by_name(locator, name) for name in sorted(names)):
        if await page.present(one):
            return one
    if not await page.present(locator):
        return None
    if not names:
        return locator
    element = await page.element_at(
        locator
    )  # browsers and we may differ on what a name is, but we do not from ourselves
    return locator if element and names & {element.name, element.text, element.placeholder} else None


def whole_names(locator: Locator, looks: Sequence[Fingerprint]) -> frozenset[str]:
    """The names of which this has at least a part; none if it goes by no name, by a pattern, or by a whole one already."""
    link = locator.links[_last(locator)]
    said = link.name if link.by is By.ROLE else link.value
    if link.by not in NAMING or link.exact or not isinstance(said, str) or not said:
        return frozenset()
    seen = (name for look in looks for name in (look.name, look.text, look.placeholder))
    return frozenset(name for name in seen if said.casefold() in name.casefold())


def by_name(locator: Locator, name: str) -> Locator:
    """The same, by this name and no longer one."""
    at = _last(locator)
    link = locator.links[at]
    exact = replace(link, name=name, exact=True) if link.by is By.ROLE else replace(link, value=name, exact=True)
    return Locator((*locator.links[:at], exact, *locator.links[at + 1 :]))


def _last(locator: Locator) -> int:
    """Which link says what is looked for; those after it only narrow what was found."""
    return max((at for at, link in enumerate(locator.links) if link.by not in NARROWING), default=0)
