"""The sheet that every dialog is: what is asked, what answers it, and who has answered, if anybody has."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

from nicegui import ui

from pages.parts.words import heading


class Unanswered(Enum):
    """What stands in place of an answer where nobody has given one; it is no yes, and no refusal either."""

    WENT_AWAY = auto()  # the tab was closed, or the page loaded anew

    def __bool__(self) -> bool:
        """So that whoever asks for a yes has none."""
        return False


class Sheet(ui.dialog):
    """A dialog whose first answer stands: the second of two presses comes before whoever asked has heard the first."""

    def submit(self, result: Any) -> None:
        """Answer, unless somebody has."""
        if not self.submitted.is_set():
            super().submit(result)


@contextmanager
def sheet_for(question: str, *, name: str = "", stays: bool = False) -> Iterator[ui.dialog]:
    """A dialog to draw into, headed by its question; `name` is what it is called, if that is not the same.

    Escape is a no, and a click beside it nothing; one that stays goes by its own buttons alone. It stands on the page itself:
    what asks may be drawn anew meanwhile.
    """
    how = "persistent" if stays else "no-backdrop-dismiss"
    with ui.context.client.content, Sheet().props(f"{how} transition-duration=0") as dialog:
        dialog.props["aria-label"] = name or question
        with ui.element("div").classes("sheet"):
            heading(question, 2)
            yield dialog


@contextmanager
def choice() -> Iterator[None]:
    """The row of answers at its end."""
    with ui.element("div").classes("choice"):
        yield


async def answer_of(dialog: ui.dialog) -> Any:
    """What was submitted, None if it was closed, WENT_AWAY if it went with its page; the dialog is gone afterwards."""
    answer = await dialog
    if dialog.is_deleted or dialog.client.is_deleted:
        return Unanswered.WENT_AWAY if answer is None else answer
    dialog.delete()
    return answer
