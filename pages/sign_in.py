"""Signing in: a plain form, since only an answer can set a cookie."""

from nicegui import ui

from pages.layout import dress
from pages.parts.words import heading, paragraph

REFUSALS = {
    "wrong_sign_in": "E-mail or password is not right. Try again.",
    "too_many_tries": "There were too many tries. Wait a minute, and try again.",
}


def register() -> None:
    """Put the screen up."""

    @ui.page("/sign-in")
    def sign_in(error: str = "", next: str = "/") -> None:
        dress("Sign in")
        with ui.element("div").classes("content"), ui.element("div").classes("card narrow"):
            heading("Sign in")
            paragraph("Autopilot sets up your shop while you watch.")
            if error:
                ui.label(REFUSALS.get(error, "Please sign in again.")).classes("refusal").props("role=alert")
            with ui.element("form").props("method=post action=/auth/sign-in").classes("grid"):
                field("E-mail", "email", "email", "username")
                field("Password", "password", "password", "current-password")
                hidden = ui.element("input").props("type=hidden name=next")
                hidden.props["value"] = next
                with ui.element("button").props("type=submit").classes("plain-button accent"):
                    ui.label("Sign in")


def field(label: str, name: str, kind: str, autocomplete: str) -> None:
    """A field of a plain form."""
    with ui.element("div").classes("field"):
        with ui.element("label").props(f"for={name}"):
            ui.label(label)
        ui.element("input").props(f"id={name} name={name} type={kind} autocomplete={autocomplete} required")
