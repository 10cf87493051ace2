"""Who you are here, what is stored of your shops, and what to delete."""

from datetime import timedelta

from nicegui import ui

from core.security.vault import StoredCredential
from core.services import Services
from pages.layout import frame
from pages.parts.words import day, heading, minute, paragraph
from pages.visitor import acting, errors_shown, visitor

TOKEN_DAYS = 90


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/settings")
    async def settings_page() -> None:
        who = visitor()
        with frame("Settings", "/settings"):
            heading("Settings")
            paragraph(f"Signed in as {who.email}{', staff' if who.is_staff else ''}.")
            await StoredSecrets(services).draw()
            await TokenList(services).draw()


class StoredSecrets:
    """What the vault holds, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list."""
        stored = await self._services.credentials.list(visitor())
        with ui.element("div").classes("card"):
            heading("Stored credentials", 2)
            paragraph("Encrypted; nobody can read them here, you included. Sign-ins go when their setup is over.")
            if not stored:
                paragraph("Nothing is stored.", "third")
            for one in stored:
                self._line(one)

    def _line(self, one: StoredCredential) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div"):
                ui.label(f"{one.field.replace('_', ' ')} · {one.origin.partition('://')[2]}")
                used = (
                    f"used {one.use_count} times, last {minute(one.last_used_at)}" if one.use_count else "not used yet"
                )
                paragraph(f"stored {minute(one.created_at)} · {used}", "third small")
            with ui.element("button").classes("plain-button danger").on("click", lambda: self._delete(one)):
                ui.label("Delete")

    async def _delete(self, one: StoredCredential) -> None:
        with errors_shown():
            await self._services.credentials.delete(
                await acting(self._services), one.id, because="deleted under Settings"
            )
        self.draw.refresh()


class TokenList:
    """A person's API tokens, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list."""
        with ui.element("div").classes("card"):
            heading("API tokens", 2)
            paragraph("For programs that use the REST API in your name. A token is shown once.")
            for token in await self._services.tokens.list(visitor()):
                words = f"revoked {day(token.revoked_at)}" if token.revoked_at else f"until {day(token.expires_at)}"
                paragraph(f"{token.name} · made {day(token.created_at)} · {words}", "second small")
            with ui.element("button").classes("plain-button").on("click", self._make):
                ui.label("Make a token")

    async def _make(self) -> None:
        with errors_shown():
            who = await acting(self._services)
            text = await self._services.tokens.add(who, "dashboard", timedelta(days=TOKEN_DAYS))
            with ui.dialog() as dialog, ui.element("div").classes("card sheet"):
                heading("Your token, shown this once", 2)
                ui.label(text).classes("mono break-all")
                ui.button("I have copied it", on_click=dialog.close).props("outline no-caps")
            await dialog
        self.draw.refresh()
