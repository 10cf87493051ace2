"""Signing in: a plain form, since only an answer can set a cookie."""

from nicegui import ui

from pages.layout import bare
from pages.parts.words import heading, paragraph, words

REFUSALS = {
    "wrong_sign_in": "E-mail or password is not right. Try again.",
    "too_many_tries": "There were too many tries. Wait a minute, and try again.",
}


def register() -> None:
    """Put the screen up."""

    @ui.page("/sign-in")
    def sign_in(error: str = "", next: str = "/") -> None:
        with bare("Sign in"), ui.element("div").classes("card narrow"):
            with ui.element("div").classes("stack"):
                paragraph("OmniOps Autopilot", "third")
                heading("Sign in")
                paragraph("Your shop is set up while you watch.")
            if error:
                words(REFUSALS.get(error, "Please sign in again."), "p", "refusal").props("role=alert")
            with ui.element("form").props("method=post action=/auth/sign-in").classes("form"):
                field("E-mail", "email", "email", "username")
                field("Password", "password", "password", "current-password")
                hidden = ui.element("input").props("type=hidden name=next")
                hidden.props["value"] = next
                with ui.element("button").props("type=submit").classes("button full"):
                    words("Sign in")


def field(label: str, name: str, kind: str, autocomplete: str) -> None:
    """A field of a plain form."""
    with ui.element("div").classes("field"):
        words(label, "label").props(f"for={name}")
        ui.element("input").props(f"id={name} name={name} type={kind} autocomplete={autocomplete} required")
