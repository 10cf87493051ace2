"""Holds what was recorded to the whole names that the tests saw: what a test calls an element may be a part of another's name.

Playwright finds a name wherever it is a part of one: “Log in” also finds “Log in with Acme”, once the button itself is
called something else.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.browser.page import ActionFailed, BrowserPage
from core.planner.fingerprints import Fingerprint
from core.workflows.locator import By, Link, Locator

NAMING = frozenset({By.ROLE, By.LABEL, By.TEXT, By.PLACEHOLDER, By.TITLE, By.ALT})
NARROWING = frozenset({By.NTH, By.VISIBLE})
ENDS = frozenset({0, -1})  # the first and the last; any other place is another one among fewer


async def is_there(locator: Locator, looks: Sequence[Fingerprint], page: BrowserPage) -> Locator | None:
    """The locator by which an element of a whole name is there; without such names, whatever the locator finds."""
    for one in in_whole(locator, looks):
        if await page.present(one):
            return one
    if not await page.present(locator):
        return None
    names = whole_names(locator, looks)
    return locator if not names or await _is_called(names, locator, page) else None


async def _is_called(names: frozenset[str], locator: Locator, page: BrowserPage) -> bool:
    """Whether what is seen there has one of these names, in whichever case.

    A browser and we may differ on what a name is; what the tests saw and what is seen now are both told by us.
    """
    try:
        element = await page.element_at(Locator((*locator.links, Link(By.VISIBLE, True))))
    except ActionFailed:
        return False  # the page went elsewhere meanwhile
    called = {element.name, element.text, element.placeholder} if element else set[str]()
    return not {name.casefold() for name in names}.isdisjoint(name.casefold() for name in called)


def in_whole(locator: Locator, looks: Sequence[Fingerprint]) -> list[Locator]:
    """The same locator by each whole name; none where it counts the elements that have a part of one."""
    places = {link.value for link in locator.links if link.by is By.NTH}
    return [by_name(locator, name) for name in sorted(whole_names(locator, looks))] if places <= ENDS else []


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
