"""The first admin: with the code that the console shows, where there is no staff yet."""

from nicegui import ui

from core.services import Services
from pages.layout import bare
from pages.parts.plain_form import field, form, refusal, title_of
from pages.parts.words import link


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/first-admin")
    async def first_admin(error: str = "") -> None:
        with bare("The first admin"), ui.element("div").classes("card narrow"):
            if not await services.first_admin.is_awaited():
                title_of("There is an admin already", "Ask them to let you in.")
                link("Sign in", "/sign-in", "button full")
                return
            title_of("The first admin", "The server's console shows a code. It is good for 15 minutes, and once.")
            refusal(error)
            with form("/auth/first-admin", "Become the admin"):
                field("Code", "code", "text", "off")
                field("E-mail", "email", "email", "username")
                field("Password, 12 characters or more", "password", "password", "new-password")
