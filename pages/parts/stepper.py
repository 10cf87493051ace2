"""A few steps one below the other: what is done is a line, what is now is open, what is to come is only named."""

from nicegui import ui

from pages.parts.words import words
from pages.texts import later, t

STATES = {"done": later("done"), "now": later("now"), "to-come": later("to come")}
CLASSES = {"done": "done", "now": "at", "to-come": "to-come"}


class Step:
    """One step: its number, its name, in a line what was chosen, and below what is to be done."""

    def __init__(self, number: int, name: str) -> None:
        with ui.element("li").classes("setup-step") as self._row:
            words(str(number), classes="number").props("aria-hidden=true")
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(name, "h2")
                    self._state = words("", classes="unseen")
                    self.chosen = ui.element("span").classes("second")
                self.body = ui.element("div").classes("form")
        self.show("to-come")

    def show(self, state: str, *, is_open: bool | None = None) -> None:
        """It is done, now, or to-come. What is now is open; what is done can be, so that it can be changed."""
        self._row.classes(replace=f"setup-step {CLASSES[state]}")
        self._state.set_text(t(", {state}", state=t(STATES[state])))
        self.body.set_visibility(state == "now" if is_open is None else is_open)
        if state == "now":
            self._row.props("aria-current=step")
        else:
            self._row.props(remove="aria-current")
