"""The first admin: with the code that the console shows, where there is no staff yet."""

from nicegui import ui

from core.services import Services
from pages.layout import bare
from pages.parts.plain_form import field, form, refusal, title_of
from pages.parts.screen import screen
from pages.parts.words import link
from pages.texts import t


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/first-admin")
    async def first_admin(error: str = "") -> None:
        with bare(t("The first admin")), ui.element("div").classes("card narrow"):
            if not await services.first_admin.is_awaited():
                title_of(t("There is an admin already"), t("Ask them to let you in."))
                link(t("Sign in"), "/sign-in", "button full")
                return
            title_of(t("The first admin"), t("The server's console shows a code. It is good for 15 minutes, and once."))
            refusal(error)
            with form("/auth/first-admin", t("Become the admin")):
                field(t("Code"), "code", "text", "off")
                field(t("E-mail"), "email", "email", "username")
                field(t("Password, 12 characters or more"), "password", "password", "new-password")
