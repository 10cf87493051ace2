"""How somebody signs in themselves: their password, and their second step."""

from nicegui import ui

from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor
from core.services import Services
from pages.parts.plain_form import field, form, refusal, tick
from pages.parts.words import heading, link, paragraph, words
from pages.texts import t


async def draw_own_sign_in(services: Services, who: Visitor, error: str) -> None:
    """The card: a plain form, since another password gives this browser another session."""
    with ui.element("div").classes("card"):
        with ui.element("div").classes("stack"):
            heading(t("Your sign-in"), 2)
            paragraph(t("Another password signs you out of every other browser. API tokens stay, unless you say so."))
        refusal(error)
        with form("/auth/password", t("Change the password")):
            field(t("Password now"), "old", "password", "current-password")
            field(t("New password, 12 characters or more"), "new", "password", "new-password")
            if may(who, Action.MANAGE_TOKENS):
                tick(t("Revoke all my API tokens, too"), "tokens", "revoke")
        with ui.element("p").classes("second"):
            if await services.second_factors.is_on(who):
                words(t("Two-step sign-in is on."))
                words(" ")
                link(t("Recovery codes"), "/second-factor")
            else:
                words(t("Two-step sign-in is off."))
                words(" ")
                link(t("Turn it on"), "/second-factor")
