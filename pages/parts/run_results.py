"""What fits the filters of a list of operations: its lines and the ways to further pages, or what to do where nothing fits."""

from collections.abc import Callable
from typing import Generic

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.operations.runs import RunPage
from pages.parts.run_filters import Asked, draw_pages
from pages.parts.run_lines import R, RunLines
from pages.parts.words import grouped
from pages.texts import t


class RunResults(Generic[R]):
    """It stands below the filters, and is brought up to date in place."""

    def __init__(
        self, asked: Asked, summary: TextElement, draw_empty: Callable[[], None], lines: Callable[[], RunLines[R]]
    ) -> None:
        self._asked = asked
        self._summary = summary
        with ui.element("div").classes("card empty") as self._empty:
            draw_empty()
        self._lines: RunLines[R] = lines()
        self._pages = ui.element("div")

    def show(self, page: RunPage[R]) -> None:
        """Show this page of them."""
        told = t("The newest first · {open} under way", open=grouped(page.open) if page.open else t("none"))
        self._summary.set_text(told)
        self._empty.set_visibility(not page.runs)
        self._lines.show(page.runs)
        self._pages.clear()
        with self._pages:
            draw_pages(self._asked, page)
