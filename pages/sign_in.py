"""Signing in: plain forms, since only an answer can set a cookie."""

from fastapi import Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from core.security.origin import local
from pages.layout import bare
from pages.parts.plain_form import field, form, hidden, refusal, title_of
from pages.parts.words import paragraph
from pages.visitor import standing

AFTER_A_HUNDRED = "After 100 wrong tries in a row a password is of no use any more; an owner or admin sets a new one."


def register() -> None:
    """Put the screens up."""

    @ui.page("/sign-in")
    def sign_in(error: str = "", next: str = "/") -> Response | None:
        found = standing()
        if found and found.is_whole and not error:  # in another tab, meanwhile
            return RedirectResponse(local(next), 303)
        with bare("Sign in"), ui.element("div").classes("card narrow"):
            title_of("Sign in", "Your shop is set up while you watch.")
            refusal(error)
            with form("/auth/sign-in", "Sign in"):
                field("E-mail", "email", "email", "username")
                field("Password", "password", "password", "current-password")
                hidden("next", next)
            if error == "wrong_sign_in":
                paragraph(AFTER_A_HUNDRED, "third small")
        return None

    @ui.page("/sign-in/code")
    def code(error: str = "", next: str = "/") -> None:
        with bare("Sign in"), ui.element("div").classes("card narrow"):
            title_of("One more step", "Type the code that your authenticator app shows, or one of your recovery codes.")
            refusal(error)
            with form("/auth/code", "Sign in"):
                field("Code", "code", "text", "one-time-code")
                hidden("next", next)
            with form("/auth/sign-out", "Sign in as somebody else"):
                pass
