"""Whether an element is still the one that was decided on: a page may have put another in its place, or given it another name."""

from core.browser.actions import Action, Click, Hover
from core.browser.page import ActionFailed, BrowserPage
from core.browser.snapshot import ElementSeen
from core.workflows.locator import Locator


def is_same(one: ElementSeen, other: ElementSeen) -> bool:
    """Whether two elements, seen at two moments, are one as far as a person could tell."""
    return known_by(one) == known_by(other)


async def ways_now(page: BrowserPage, element: ElementSeen) -> tuple[Locator, ...]:
    """Ways to what somebody was asked about, after the answer. Raises ActionFailed if it is not there as it was shown."""
    alike = [one for one in (await page.snapshot()).elements if is_same(one, element)]
    if len(alike) > 1:
        alike = [one for one in alike if (one.nth, one.of) == (element.nth, element.of)]
    ways = await page.ways_to(alike[0].ref) if alike else ()
    if not ways:
        raise ActionFailed(because="The page changed before it was answered.")
    return ways


async def check_unchanged(page: BrowserPage, element: ElementSeen | None, action: Action) -> None:
    """The last look before a guess is acted on, with the pointer on it already: pages change things under it.

    Raises ActionFailed if it is not there any more as it was seen. What a learnt test named needs no look.
    """
    target = getattr(action, "target", None)
    if element is None or target is None:
        return
    if isinstance(action, Click):
        await page.perform(Hover(target))
    now = await page.element_at(target)
    if now is None or not is_same(now, element):
        raise ActionFailed(because="It changed after it was looked at.")


def known_by(element: ElementSeen) -> tuple[object, ...]:
    """What a person would know it by, and a program."""
    return element.role, element.name, element.kind, element.text, element.words, element.place
