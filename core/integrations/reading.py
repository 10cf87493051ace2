"""Reads what a service's API says: texts, whole numbers, money and addresses; nothing that can't be stored or shown."""

import re
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any
from urllib.parse import urljoin

from core.security.origin import Origin

HIGHEST_NUMBER = 2**63 - 1  # what a database's whole numbers hold
HIGHEST_PRICE = 10**13  # in the shop's currency; more is a mistake
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # what JSON can say and no database keeps
TAG = re.compile(
    r"""<(?:!--|(?:(?P<opens>[a-z][^\s/<>]*+)|[/!?])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|["'])*+>)""", re.IGNORECASE
)
SPACED = frozenset({"br", "p", "li", "div", "td", "th", "tr"})
COMMENT_ENDS = re.compile("-->")
SILENT_ENDS = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in ("script", "style")}


def plain_text(markup: object) -> str:
    """The words of a piece of HTML, without tags, scripts and entities; nothing of what is no text.

    One pass, however it is written: the standard library's parser takes seconds for what was made to hold it up.
    """
    text, found, at = text_of(markup), list[str](), 0
    while tag := TAG.search(text, at):
        found.append(text[at : tag.start()])
        name = (tag["opens"] or "").lower()
        found.append(" " if name in SPACED else "")
        at = tag.end()
        if end := COMMENT_ENDS if tag[0] == "<!--" else SILENT_ENDS.get(name):
            closing = end.search(text, at)
            at = closing.end() if closing else len(text)
    found.append(text[at:])
    return " ".join(unescape("".join(found)).split())


def text_of(said: object) -> str:
    """A text that can be stored; a number as its digits, and nothing of anything else."""
    return UNSTORABLE.sub("", str(said)) if isinstance(said, str | int) and not isinstance(said, bool) else ""


def objects_of(said: object) -> list[dict[str, Any]]:
    """The objects of a list; of anything else, none."""
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def count_of(said: Any) -> int:
    """A whole number above 0 that can be stored, or 0."""
    try:
        count = int(said or 0)
    except (ValueError, TypeError, OverflowError):
        return 0
    return count if 0 < count <= HIGHEST_NUMBER else 0


def hundredths_of(price: object) -> int | None:
    """A price as hundredths of the currency; nothing of what is no price that can be stored."""
    try:
        value = Decimal(str(price)) if price not in (None, "") else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or abs(value) > HIGHEST_PRICE:
        return None
    return round(value * 100)


def address_of(said: object, origin: Origin) -> str | None:
    """An http(s) address, made absolute; anything else is left out."""
    if not (isinstance(said, str) and said):
        return None
    try:
        address = urljoin(f"{origin}/", text_of(said))
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) else None
