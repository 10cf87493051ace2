"""How far an operation is, in a list: a bar, and its words."""

from nicegui import ui

from core.operations.views import OperationView
from pages.parts.words import words
from pages.texts import t


class ProgressBar:
    """It moves in place."""

    def __init__(self, name: str) -> None:
        with ui.element("div").classes("progress") as self._bar:
            self._done = ui.element("div")
        self._bar.props("role=progressbar aria-valuemin=0 aria-valuemax=100 aria-valuenow=0")
        self._bar.props["aria-label"] = name
        self._words = words("", "p", "third small num")

    def show(self, view: OperationView) -> None:
        """Show how far this is."""
        done = view.counted.share
        self._bar.props["aria-valuenow"] = round(100 * done)
        self._done.style(replace=f"width: {100 * done:.0f}%")
        self._words.set_text(_told(view))


def _told(view: OperationView) -> str:
    if view.stopping:
        return t("It is being stopped.")
    if not view.counted.every:
        return t("It begins in a moment.")
    return t("Step {at} of {all}", at=view.counted.at, all=view.counted.every)
