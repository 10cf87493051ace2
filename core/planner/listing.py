"""The list of a page's elements as the model reads it: plain, redacted, capped, and without values."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.plain import plain

LONGEST_NAME = 80  # characters of a name; enough to know it by
LONGEST_OPTION = 60  # characters of an option
LONGEST_NEIGHBOUR = 60  # characters of what stands around it
MOST_OPTIONS = 20  # of one list; a list of countries has 250
MOST_NEIGHBOURS = 2  # its row and the heading above say most
LONGEST_LIST = 8_000  # characters, about 2,500 tokens; an ordinary page has 2,000, and a table has no end


@dataclass(frozen=True)
class Listing:
    """One line for each element, and the elements by their refs; the page has `left_out` more."""

    lines: tuple[str, ...]
    elements: Mapping[str, ElementSeen]
    left_out: int


def listing_of(snapshot: Snapshot, redact: Callable[[str], str]) -> Listing:
    """As many elements as the cap allows: those in view first, each group in the order of the page."""
    ordered = sorted(snapshot.elements, key=lambda one: not one.in_view)
    lines: list[str] = []
    elements: dict[str, ElementSeen] = {}
    left = LONGEST_LIST
    for element in ordered:
        line = _line(element, redact)
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
        elements[element.ref] = element
    return Listing(tuple(lines), elements, snapshot.left_out + len(ordered) - len(lines))


def _line(element: ElementSeen, redact: Callable[[str], str]) -> str:
    """Such as: e12 textbox "Name" (email, switched off) near "Your account" in dialog."""

    def said(text: str, most: int) -> str:
        return json.dumps(shown(text, most, redact), ensure_ascii=False)

    role, kind = shown(element.role, LONGEST_NAME, redact), shown(element.kind, LONGEST_NAME, redact)
    name = element.name or element.text
    parts = [element.ref, role, said(name, LONGEST_NAME)]
    states = [kind if kind not in {"", role} else "", "" if element.enabled else "switched off"]
    states += ["read only" if element.read_only else "", "" if element.in_view else "out of view"]
    if told := ", ".join(filter(None, states)):
        parts.append(f"({told})")
    if element.placeholder and element.placeholder != name:
        parts.append(f"placeholder {said(element.placeholder, LONGEST_NEIGHBOUR)}")
    near = [one for one in element.near if one != name][:MOST_NEIGHBOURS]
    parts += [f"near {said(one, LONGEST_NEIGHBOUR)}" for one in near]
    if element.options:
        parts.append("options " + " | ".join(said(one, LONGEST_OPTION) for one in element.options[:MOST_OPTIONS]))
    if element.place:
        parts.append(f"in {shown(element.place, LONGEST_NAME, redact)}")
    return " ".join(parts)


def shown(text: str, most: int, redact: Callable[[str], str]) -> str:
    """Foreign text as it may be sent: made plain first, so that nothing unseen parts a secret, and cut last.

    A secret in letters of another width is found by their plain ones.
    """
    said = plain(text)
    folded = unicodedata.normalize("NFKC", said)
    return plain(redact(said if redact(folded) == folded else folded), most)
