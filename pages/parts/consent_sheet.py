"""The consent dialog: what it will do, what it will not, what is kept; two answers of equal weight."""

from nicegui import ui

from core.operations.consents import ConsentSheet
from pages.parts.words import heading, paragraph, sentence


class ConsentDialog:
    """Asks for consent. `await ask()` gives the permissions that were allowed, or None."""

    def __init__(self, sheet: ConsentSheet) -> None:
        self._optional: dict[str, ui.checkbox] = {}
        with ui.dialog().props("persistent") as self._dialog, ui.element("div").classes("card sheet"):
            heading(sheet.heading)
            paragraph(sheet.intro)
            self._lines("It will", sheet)
            ui.label("It will not").classes("label")
            for words in sheet.will_not:
                _line("-", words)
            ui.label("Kept").classes("label")
            for words in sheet.kept:
                _line("·", words)
            with ui.element("div").classes("choice"):
                self._answer("Don't allow", allowed=False)
                self._answer(f"Allow for {sheet.days} days", allowed=True)
            paragraph(f"Text {sheet.version} · withdraw under Consents with one click", "third small")

    async def ask(self) -> tuple[str, ...] | None:
        """The optional permissions that were ticked, if it was allowed."""
        allowed = await self._dialog
        ticked = tuple(name for name, box in self._optional.items() if box.value)
        return ticked if allowed else None

    def _lines(self, label: str, sheet: ConsentSheet) -> None:
        ui.label(label).classes("label")
        for line in sheet.will:
            if not line.optional:
                _line("+", line.sentence)
        for line in sheet.will:
            if line.optional:
                with ui.element("div").classes("line"):
                    self._optional[line.permission] = ui.checkbox().props("dense")
                    self._optional[line.permission].props["aria-label"] = line.sentence.replace("**", "")
                    sentence(f"{line.sentence} Optional.")

    def _answer(self, words: str, *, allowed: bool) -> None:
        with ui.element("button").classes("plain-button").on("click", lambda: self._dialog.submit(allowed)):
            ui.label(words)


def _line(mark: str, words: str) -> None:
    with ui.element("div").classes("line"):
        ui.label(mark).props("aria-hidden=true")
        sentence(words)
