"""Says whether what a step looks for may be told to every customer, or holds what is one customer's own."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from core.errors import Conflict
from core.workflows.locator import By, Link, Locator, Pattern

LONGEST = 60  # characters of one text; what is longer is a shop's own words rather than the name of a button
SHORTEST_NAME = 3  # characters of a customer's name; a shorter one stands in ordinary words
SELECTORS = frozenset({By.CSS, By.XPATH, By.FRAME})
SLOT = re.compile(r"\{\{[^{}]*\}\}")  # the names of values, which are the same for everybody
ADDRESS = re.compile(r"://|\bhttps?\b|\bwww\.", re.IGNORECASE)
MAIL = re.compile(r"[^\s@\"'\[\]=]+@[^\s@\"'\[\]=]+\.[^\s@\"'\[\]=]+")
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


class NotForAll(Conflict):
    """This can't serve every customer, but it can serve the one it was seen at."""

    code: ClassVar[str] = "not_for_all"


def check_for_all(locator: Locator, own: Iterable[str]) -> None:
    """Raises NotForAll if a text of it may be the customer's own; `own` are names that are."""
    names = [name.casefold() for name in own if len(name) >= SHORTEST_NAME]
    for whole in _texts(locator):
        text = SLOT.sub("", whole)
        if ADDRESS.search(text):
            raise NotForAll(because="What it looks for holds a web address.")
        if MAIL.search(text):
            raise NotForAll(because="What it looks for holds an e-mail address.")
        if any(name in text.casefold() for name in names):
            raise NotForAll(because="What it looks for names the customer or their shop.")
    if any(len(text) > LONGEST for text in _read_by_people(locator)):
        raise NotForAll(because=f"What it looks for holds a text of more than {LONGEST} characters.")


def _texts(locator: Locator) -> Iterator[str]:
    """Every text of a locator, selectors and inner ones included."""
    for link in locator.links:
        for part in (link.value, link.name, *(value for _, value in link.options)):
            if isinstance(part, Locator):
                yield from _texts(part)
            elif isinstance(part, Pattern):
                yield part.re
            elif isinstance(part, str):
                yield part


def _read_by_people(locator: Locator) -> Iterator[str]:
    """The texts that stand on the page, without slots; of a selector, what it quotes."""
    for link in locator.links:
        if isinstance(link.value, Locator):
            yield from _read_by_people(link.value)
        else:
            for text in _texts(Locator((link,))):
                yield from _quoted(text) if _is_selector(link, text) else (SLOT.sub("", text),)


def _is_selector(link: Link, text: str) -> bool:
    return link.by in SELECTORS and text == link.value


def _quoted(selector: str) -> Iterator[str]:
    return (one or other for one, other in QUOTED.findall(selector))
