"""The consent dialog: what it will do, what it will not, what is kept; two answers of equal weight."""

from nicegui import ui

from core.operations.consents import ConsentLine, ConsentSheet
from pages.parts.words import button, heading, paragraph, sentence, words

WILL, WILL_NOT, KEPT = "task_alt", "block", "lock"  # icons
TICKED = "(event) => emit(event.target.checked)"


class ConsentDialog:
    """Asks for consent. `await ask()` gives the optional permissions that were ticked, or None for no."""

    def __init__(self, sheet: ConsentSheet) -> None:
        self._ticked: set[str] = set()
        with ui.dialog().props("no-backdrop-dismiss transition-duration=0") as self._dialog:
            self._dialog.props["aria-label"] = sheet.heading
            with ui.element("div").classes("sheet"):
                heading(sheet.heading, 2)
                paragraph(sheet.intro)
                self._will(sheet.will)
                _lines("It will not", WILL_NOT, sheet.will_not)
                _lines("Kept", KEPT, sheet.kept)
                with ui.element("div").classes("choice"):
                    button("Don't allow", lambda: self._dialog.submit(False))
                    button(f"Allow for {sheet.days} days", lambda: self._dialog.submit(True))
                paragraph(
                    f"Text {sheet.version} · {sheet.sha256[:12]} · recorded under Audit · withdraw under Consents",
                    "third small",
                )

    async def ask(self) -> tuple[str, ...] | None:
        """The optional permissions that were ticked, if it was allowed."""
        allowed = await self._dialog
        self._dialog.delete()
        return tuple(sorted(self._ticked)) if allowed else None

    def _will(self, lines: tuple[ConsentLine, ...]) -> None:
        heading("It will", 3)
        with ui.element("ul"):
            for line in lines:
                if not line.optional:
                    _line(WILL, line.sentence)
            for line in lines:
                if line.optional:
                    self._optional(line)

    def _optional(self, line: ConsentLine) -> None:
        with ui.element("li"), ui.element("label").classes("line"):
            box = ui.element("input").props("type=checkbox")
            with sentence(line.sentence):
                words(" Optional.", classes="second")
        box.on("change", lambda event: self._tick(line.permission, bool(event.args)), js_handler=TICKED)

    def _tick(self, permission: str, ticked: bool) -> None:
        self._ticked = self._ticked | {permission} if ticked else self._ticked - {permission}


def _lines(title: str, icon: str, sentences: tuple[str, ...]) -> None:
    heading(title, 3)
    with ui.element("ul"):
        for one in sentences:
            _line(icon, one)


def _line(icon: str, text: str) -> None:
    with ui.element("li").classes("line"):
        ui.icon(icon).props("aria-hidden=true")
        sentence(text)
