"""What was allowed, and one click to take it back."""

from nicegui import ui

from core.operations.consents import ConsentView
from core.services import Services
from pages.layout import frame
from pages.parts.confirm import confirmed
from pages.parts.words import button, count, day, heading, link, minute, paragraph, sentence, shop_of, words
from pages.visitor import acting, errors_shown, visitor


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/consents")
    async def consents_page() -> None:
        with frame("Consents", "/consents"):
            await ConsentList(services).draw()


class ConsentList:
    """A customer's consents, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list."""
        given = await self._services.consents.list(visitor())
        in_force = [one for one in given if one.in_force]
        over = [one for one in given if not one.in_force]
        with ui.element("div").classes("stack"):
            heading("Consents")
            said = f"{count(len(in_force), 'consent')} in force" if in_force else "None is in force"
            paragraph(f"{said}. Each is for one shop, and is checked before every action.")
        if not given:
            link("Set up a shop", "/", "button accent").style("align-self: flex-start")
        for consent in in_force:
            self._card(consent)
        if over:
            heading("Earlier", 2)
            with ui.element("div").classes("card rows"):
                for consent in over:
                    _line(consent)

    def _card(self, consent: ConsentView) -> None:
        integration = self._services.integrations.get(consent.service, consent.operation)
        with ui.element("div").classes("card"):
            with ui.element("div").classes("head"):
                with ui.element("div"):
                    with ui.element("div").classes("row"):
                        heading(f"{integration.title} at {shop_of(consent.store_url)}", 2)
                        words(f"until {day(consent.expires_at)}", classes="badge completed")
                    paragraph(f"Given {minute(consent.granted_at)} · text {consent.text_version}", "second small")
                button("Withdraw", lambda: self._ask_to_revoke(consent), "danger")
            for permission in integration.permissions:
                if permission.name in consent.permissions:
                    sentence(permission.will, "p")

    async def _ask_to_revoke(self, consent: ConsentView) -> None:
        follows = "What runs under it stops at once. What was brought over stays until you delete it."
        if await confirmed(f"Withdraw it for {shop_of(consent.store_url)}?", follows, "Withdraw", "Keep it"):
            with errors_shown():
                who = await acting(self._services)
                await self._services.consents.revoke(who, consent.id, because="withdrawn under Consents")
                ui.notify("Withdrawn. What was running under it has stopped.", position="top")
            self.draw.refresh()


def _line(consent: ConsentView) -> None:
    with ui.element("div").classes("item"):
        with ui.element("div").classes("stack"):
            words(shop_of(consent.store_url), "p", "strong")
            paragraph(", ".join(one.replace("_", " ") for one in consent.permissions), "second small")
        revoked = consent.revoked_at
        paragraph(f"withdrawn {minute(revoked)}" if revoked else f"expired {day(consent.expires_at)}", "second small")
