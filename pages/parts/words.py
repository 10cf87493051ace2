"""Small pieces of a screen: headings, paragraphs, badges, buttons, and sentences with a decisive word."""

import re
from collections.abc import Callable
from inspect import isawaitable
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.database.states import OperationStatus
from pages.texts import t

SET_APART = re.compile(r"(\*\*.+?\*\*|`.+?`)")  # what is decisive, and what is to be read letter by letter


def words(text: str, tag: str = "span", classes: str = "") -> TextElement:
    """A piece of text in a tag of this kind; whatever is in it, it stays text."""
    return TextElement(tag=tag, text=text).classes(classes)


def heading(text: str, level: int = 1) -> TextElement:
    """A heading."""
    return words(text, f"h{level}")


def paragraph(text: str, classes: str = "second") -> TextElement:
    """A line of text."""
    return words(text, "p", classes)


def sentence(text: str, tag: str = "span", **values: object) -> ui.element:
    """A sentence of ours; what stands between ** is set in bold, and between ` as code. Of what is in a value nothing is."""
    with ui.element(tag) as whole:
        for piece in filter(None, SET_APART.split(text)):
            bold, code = piece.startswith("**"), piece.startswith("`")
            bare = piece[2:-2] if bold else piece[1:-1] if code else piece
            words(bare.format(**values) if values else bare, "b" if bold else "span", "mono" if code else "")
    return whole


def side_by_side(*texts: str) -> str:
    """Texts that each stand for themselves, in one line; those that are empty are left out."""
    return " · ".join(filter(None, texts))


def grouped(number: int) -> str:
    """A number with its thousands parted."""
    return f"{number:,}"


def badge(status: OperationStatus) -> TextElement:
    """Where an operation stands."""
    return words(status.words, classes=f"badge {status.value}")


def button(text: str, act: Callable[[], Any], kind: str = "") -> ui.element:
    """Something to press; `kind` is accent, full or danger.

    It acts on the page itself: where it stands may be drawn anew before it is done, and what it asked would go with it.
    """
    page = ui.context.client.content

    async def pressed() -> None:
        with page:
            done = act()
            if isawaitable(done):
                await done

    with ui.element("button").classes(f"button {kind}").props("type=button") as made:
        words(text)
    return made.on("click", pressed)


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
    if length < 100:
        return t("{seconds} s", seconds=format(length, ".1f"))
    return t("{minutes} min", minutes=format(length / 60, ".0f"))


def price(hundredths: int | None) -> str:
    """A price; a shop may have none."""
    return f"{hundredths / 100:,.2f}" if hundredths is not None else t("no price")
