"""The fields for a shop's sign-in, where it is asked for."""

from nicegui import ui

from core.agents.integration import Integration
from core.operations.credentials import SignInIncomplete
from core.security.secret import Secret
from pages.parts.typed import KEEP
from pages.parts.words import words
from pages.texts import t


class SignInFields:
    """User name and password of a service, as its integration names them, and what else may be given."""

    def __init__(self, integration: Integration) -> None:
        self._integration = integration
        self._boxes: dict[str, ui.input] = {}
        with ui.element("div").classes("pair"):
            for field in integration.asked_for:
                name = f"{integration.service}-{field.name}"
                box = labelled_input(name, field.label, secret=field.secret, hint=field.hint)
                if not field.secret:
                    box.props(KEEP)
                self._boxes[field.name] = box.props("autocomplete=off autocapitalize=none spellcheck=false")

    def typed(self) -> dict[str, Secret]:
        """What was typed. Raises SignInIncomplete for a needed field that is empty."""
        for field in self._integration.sign_in:
            if not self._boxes[field.name].value:
                raise SignInIncomplete(because=t("“{field}” is empty.", field=field.label))
        return {name: Secret(box.value) for name, box in self._boxes.items() if box.value}


def labelled_input(name: str, label: str, *, value: str = "", secret: bool = False, hint: str = "") -> ui.input:
    """A field with its label above, and below what it is for, if that needs saying."""
    with ui.element("div").classes("field wide" if hint else "field"):
        words(label, "label").props(f"for={name}")
        box = ui.input(value=value, password=secret)
        if secret:
            _let_it_be_shown(box)
        if hint:
            told = words(hint, "p", "second small")
            box.props(f"aria-describedby={told.html_id}")
        return box.props(f"outlined dense hide-bottom-space for={name}")


def _let_it_be_shown(box: ui.input) -> None:
    """A button in the field that shows what is typed, and covers it again; NiceGUI's own can't be reached by the keyboard."""
    with box.add_slot("append"), ui.element("button").classes("reveal").props("type=button aria-pressed=false") as eye:
        icon = ui.icon("visibility_off").props("aria-hidden=true")
    eye.props["aria-label"] = t("Show what is typed")

    def turn() -> None:
        shows = box.props["type"] == "password"
        box.props["type"] = "text" if shows else "password"
        icon.set_name("visibility" if shows else "visibility_off")
        eye.props["aria-pressed"] = "true" if shows else "false"

    eye.on("click", lambda _: turn())
