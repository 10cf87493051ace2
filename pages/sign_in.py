"""Signing in: plain forms, since only an answer can set a cookie."""

from fastapi import Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from core.security.origin import local
from pages.layout import bare
from pages.parts.plain_form import field, form, hidden, refusal, title_of
from pages.parts.screen import screen
from pages.parts.words import paragraph
from pages.texts import later, t
from pages.visitor import standing

AFTER_A_HUNDRED = later(
    "After 100 wrong tries in a row a password is of no use any more; an owner or admin sets a new one."
)


def register() -> None:
    """Put the screens up."""

    @screen("/sign-in")
    def sign_in(error: str = "", next: str = "/") -> Response | None:
        found = standing()
        if found and found.is_whole and not error:  # in another tab, meanwhile
            return RedirectResponse(local(next), 303)
        with bare(t("Sign in")), ui.element("div").classes("card narrow"):
            title_of(t("Sign in"), t("Your shop is set up while you watch."))
            refusal(error)
            with form("/auth/sign-in", t("Sign in")):
                field(t("E-mail"), "email", "email", "username")
                field(t("Password"), "password", "password", "current-password")
                hidden("next", next)
            if error == "wrong_sign_in":
                paragraph(t(AFTER_A_HUNDRED), "third small")
        return None

    @screen("/sign-in/code")
    def code(error: str = "", next: str = "/") -> None:
        with bare(t("Sign in")), ui.element("div").classes("card narrow"):
            title_of(
                t("One more step"), t("Type the code that your authenticator app shows, or one of your recovery codes.")
            )
            refusal(error)
            with form("/auth/code", t("Sign in")):
                field(t("Code"), "code", "text", "one-time-code")
                hidden("next", next)
            with form("/auth/sign-out", t("Sign in as somebody else")):
                pass
