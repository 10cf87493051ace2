"""Turns a step's locator into Playwright's, link by link; and into words for people."""

import re
from typing import Any

from playwright.async_api import FrameLocator, Page
from playwright.async_api import Locator as Element

from core.browser.page import ActionFailed
from core.workflows.locator import By, Link, Locator, Pattern, Text

Place = Page | FrameLocator | Element

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}

# Options of a role link as the files write them, and what Playwright calls them.
ROLE_OPTIONS = {name: name for name in ("checked", "disabled", "expanded", "level", "pressed", "selected")} | {
    "includeHidden": "include_hidden",
    "include_hidden": "include_hidden",
}

# Ways of looking that take a text and say whether it has to be exact.
BY_TEXT = {
    By.LABEL: "get_by_label",
    By.TEXT: "get_by_text",
    By.PLACEHOLDER: "get_by_placeholder",
    By.ALT: "get_by_alt_text",
    By.TITLE: "get_by_title",
}

# Ways of narrowing what was found, and Playwright's word for each.
NARROWED = {
    By.HAS_TEXT: "has_text",
    By.HAS_NOT_TEXT: "has_not_text",
    By.HAS: "has",
    By.HAS_NOT: "has_not",
    By.VISIBLE: "visible",
}


def find(page: Page, locator: Locator) -> Element:
    """Playwright's locator for ours. Raises ActionFailed for one that can't be read."""
    place: Place = page
    for link in locator.links:
        place = _look(place, link) if link.by in LOOKING else _narrow(page, place, link)
    return place.locator("body") if isinstance(place, Page | FrameLocator) else place


def pattern(text: Text) -> str | re.Pattern[str]:
    """A text as it is; a JavaScript pattern as Python's, whose named groups are written otherwise."""
    if isinstance(text, str):
        return text
    flags = re.NOFLAG
    for letter in text.flags:
        flags |= FLAGS.get(letter, re.NOFLAG)
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", text.re), flags)
    except re.error as error:
        raise ActionFailed(because="A pattern of its locator can't be read.") from error


def in_words(locator: Locator) -> str:
    """How people would name what a locator looks for."""
    named = [_words(link) for link in locator.links if link.by in LOOKING and link.by is not By.FRAME]
    return " in ".join(reversed(named)) or "the page"


LOOKING = frozenset({By.ROLE, By.TEST_ID, By.CSS, By.XPATH, By.FRAME, *BY_TEXT})


def _look(place: Place, link: Link) -> Place:
    """Look for elements inside a place."""
    if link.by in BY_TEXT:
        found: Element = getattr(place, BY_TEXT[link.by])(_text(link), exact=link.exact)
        return found
    match link.by:
        case By.ROLE:
            return _by_role(place, link)
        case By.TEST_ID:
            return place.get_by_test_id(_text(link))
        case By.FRAME:
            return place.frame_locator(_selector(link))
        case By.XPATH:
            return place.locator(f"xpath={_selector(link)}")
        case _:
            return place.locator(f"css={_selector(link)}")


def _by_role(place: Place, link: Link) -> Element:
    options: dict[str, Any] = {ROLE_OPTIONS[name]: value for name, value in link.options if name in ROLE_OPTIONS}
    if link.name is not None:
        options |= {"name": pattern(link.name), "exact": link.exact}
    role: Any = _selector(link)  # Playwright's type lists the roles; an unknown one just finds nothing
    return place.get_by_role(role, **options)


def _narrow(page: Page, place: Place, link: Link) -> Element:
    """Keep, of what was found so far, what fits."""
    found = place.locator("*") if isinstance(place, Page | FrameLocator) else place
    if link.by is By.NTH:
        return found.nth(int(link.value)) if isinstance(link.value, int) else _unreadable(link)
    if isinstance(link.value, Locator):
        inner = find(page, link.value)
        if link.by is By.OR:
            return found.or_(inner)
        if link.by is By.AND:
            return found.and_(inner)
        return found.filter(**{NARROWED[link.by]: inner})  # type: ignore[arg-type]  # the keys are `has` and `has_not`
    if link.by is By.VISIBLE:
        return found.filter(visible=bool(link.value))
    return found.filter(**{NARROWED[link.by]: _text(link)})  # type: ignore[arg-type]  # the keys are `has_text` and `has_not_text`


def _text(link: Link) -> str | re.Pattern[str]:
    return pattern(link.value) if isinstance(link.value, str | Pattern) else _unreadable(link)


def _selector(link: Link) -> str:
    """A selector; chaining engines (`>>`) inside one is not a way of looking that we know."""
    if not isinstance(link.value, str) or ">>" in link.value:
        _unreadable(link)
    return str(link.value)


def _unreadable(link: Link) -> Any:
    raise ActionFailed(because=f"A link of its locator can't be read: {link.by.value}.")


def _words(link: Link) -> str:
    said = link.name if link.name is not None else link.value
    text = said.re if isinstance(said, Pattern) else str(said)
    if link.by is By.ROLE:
        return f"{link.value} “{text}”" if link.name is not None else f"a {link.value}"
    return f"“{text}”"
