"""The connected shops, a card each: its key, its products, what is wrong, and what is done by itself."""

from nicegui import ui

from core.security.people.authorize import Action
from core.services import Services
from pages.layout import frame
from pages.parts.screen import screen
from pages.parts.upkeep import SHOPS, Upkeep
from pages.parts.words import heading, link, paragraph
from pages.texts import t
from pages.visitor import allowed


def register(services: Services) -> None:
    """Put the screen up."""

    @screen(SHOPS)
    async def shops_page() -> None:
        with frame(t("Shops"), SHOPS):
            with ui.element("div").classes("head"):
                with ui.element("div"):
                    heading(t("Shops"))
                    paragraph(
                        t("What is connected, and what is done there by itself. Nothing is, until you switch it on.")
                    )
                if allowed(Action.OPERATE):
                    link(t("Set up a service"), "/set-up", "button accent")
            await Upkeep(services).draw()
