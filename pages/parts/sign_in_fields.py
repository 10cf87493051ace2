"""The fields for a shop's sign-in, where it is asked for."""

from nicegui import ui

from core.agents.integration import Integration
from core.operations.credentials import BadCredentials
from core.security.secret import Secret
from pages.parts.words import words


class SignInFields:
    """User name and password of a service, as its integration names them."""

    def __init__(self, integration: Integration) -> None:
        self._integration = integration
        self._boxes: dict[str, ui.input] = {}
        with ui.element("div").classes("pair"):
            for field in integration.sign_in:
                box = labelled_input(f"{integration.service}-{field.name}", field.label, secret=field.secret)
                self._boxes[field.name] = box.props("autocomplete=off autocapitalize=none spellcheck=false")

    def typed(self) -> dict[str, Secret]:
        """What was typed. Raises BadCredentials for a field that is empty."""
        for field in self._integration.sign_in:
            if not self._boxes[field.name].value:
                raise BadCredentials(because=f"“{field.label}” is empty.")
        return {name: Secret(box.value) for name, box in self._boxes.items()}


def labelled_input(name: str, label: str, *, value: str = "", secret: bool = False) -> ui.input:
    """A field with its label above."""
    with ui.element("div").classes("field"):
        words(label, "label").props(f"for={name}")
        box = ui.input(value=value, password=secret, password_toggle_button=secret)
        return box.props(f"outlined dense hide-bottom-space for={name}")
