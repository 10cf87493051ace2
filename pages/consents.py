"""What was allowed, and one click to take it back."""

from nicegui import ui

from core.operations.consents import ConsentView
from core.services import Services
from pages.layout import frame
from pages.parts.words import heading, minute, paragraph
from pages.visitor import acting, errors_shown, visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/consents")
    async def consents_page() -> None:
        with frame("Consents", "/consents"):
            heading("Consents")
            await ConsentList(services).draw()


class ConsentList:
    """A customer's consents, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list."""
        given = await self._services.consents.list(visitor())
        paragraph(
            "Each is for one shop, and checked before every action." if given else "You have allowed nothing yet."
        )
        for consent in given:
            self._card(consent)

    def _card(self, consent: ConsentView) -> None:
        with ui.element("div").classes("card"), ui.element("div").classes("row between"):
            with ui.element("div"):
                with ui.element("div").classes("row"):
                    heading(consent.store_url.partition("://")[2], 2)
                    ui.label(_standing(consent)).classes("badge completed" if consent.in_force else "badge cancelled")
                paragraph(", ".join(one.replace("_", " ") for one in consent.permissions), "second small")
                paragraph(f"Given {minute(consent.granted_at)} · text {consent.text_version}", "third small")
            if consent.in_force:
                with ui.element("button").classes("plain-button danger").on("click", lambda: self._revoke(consent)):
                    ui.label("Withdraw")

    async def _revoke(self, consent: ConsentView) -> None:
        with errors_shown():
            who = await acting(self._services)
            await self._services.consents.revoke(who, consent.id, because="withdrawn under Consents")
            ui.notify("Withdrawn. What was running under it has stopped.", position="top")
        self.draw.refresh()


def _standing(consent: ConsentView) -> str:
    if consent.revoked_at:
        return f"withdrawn {minute(consent.revoked_at)}"
    return f"until {minute(consent.expires_at)}" if consent.in_force else "expired"
