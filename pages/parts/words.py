"""Small pieces of text on a screen: headings, paragraphs, badges, and sentences with a decisive word."""

import re
from datetime import datetime

from nicegui import ui

from core.database.states import OperationStatus

DECISIVE = re.compile(r"\*\*(.+?)\*\*")


def heading(text: str, level: int = 1) -> ui.element:
    """A real heading."""
    return ui.label(text).props(f"role=heading aria-level={level}").classes(f"h{level}")


def paragraph(text: str, classes: str = "second") -> ui.label:
    """A line of text."""
    return ui.label(text).classes(classes)


def sentence(text: str) -> None:
    """A sentence of ours; what stands between ** is set in bold."""
    with ui.element("div"):
        for number, piece in enumerate(DECISIVE.split(text)):
            ui.label(piece).classes("inline" + (" font-bold" if number % 2 else ""))


def badge(status: OperationStatus) -> ui.label:
    """Where an operation stands."""
    return ui.label(status.words).classes(f"badge {status.value}")


def day(moment: datetime | None) -> str:
    """A day as people write it."""
    return f"{moment:%-d %b %Y}" if moment else "never"


def minute(moment: datetime | None) -> str:
    """A moment, in UTC."""
    return f"{moment:%-d %b %Y, %H:%M}" if moment else "never"


def price(hundredths: int | None) -> str:
    """A price; a shop may have none."""
    return f"{hundredths / 100:,.2f}" if hundredths is not None else "no price"
