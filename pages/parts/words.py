"""Small pieces of a screen: headings, paragraphs, badges, buttons, and sentences with a decisive word."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.database.states import OperationStatus

DECISIVE = re.compile(r"\*\*(.+?)\*\*")


def words(text: str, tag: str = "span", classes: str = "") -> TextElement:
    """A piece of text in a tag of this kind; whatever is in it, it stays text."""
    return TextElement(tag=tag, text=text).classes(classes)


def heading(text: str, level: int = 1) -> TextElement:
    """A heading."""
    return words(text, f"h{level}")


def paragraph(text: str, classes: str = "second") -> TextElement:
    """A line of text."""
    return words(text, "p", classes)


def sentence(text: str, tag: str = "span") -> ui.element:
    """A sentence of ours; what stands between ** is set in bold."""
    with ui.element(tag) as whole:
        for number, piece in enumerate(DECISIVE.split(text)):
            words(piece, "b" if number % 2 else "span")
    return whole


def badge(status: OperationStatus) -> TextElement:
    """Where an operation stands."""
    return words(status.words, classes=f"badge {status.value}")


def button(text: str, act: Callable[[], Any], kind: str = "") -> ui.element:
    """Something to press; `kind` is accent, full or danger."""
    with ui.element("button").classes(f"button {kind}").props("type=button") as made:
        words(text)
    return made.on("click", lambda _: act())


def link(text: str, address: str, classes: str = "") -> ui.link:
    """A link to another screen."""
    return ui.link(text, address).classes(classes)


def address_of(path: str, **query: str) -> str:
    """The address of a screen with this query, whatever is in it."""
    return f"{path}?{urlencode(query)}" if query else path


def whole_number(text: str, most: int) -> int | None:
    """A whole number from an address, at most this; None if it is none. Python itself refuses to read very long ones."""
    if not text.isdecimal():
        return None
    return most if len(text) > len(str(most)) else min(int(text), most)


def shop_of(store_url: str) -> str:
    """A shop as people call it: without the scheme."""
    return store_url.partition("://")[2]


def seconds(length: float) -> str:
    """A length of time as people say it."""
    return f"{length:.1f} s" if length < 100 else f"{length / 60:.0f} min"


def price(hundredths: int | None) -> str:
    """A price; a shop may have none."""
    return f"{hundredths / 100:,.2f}" if hundredths is not None else "no price"


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
