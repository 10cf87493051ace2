"""What the vault holds of shops, without any value: how long it is used, and the way to delete it."""

from datetime import datetime

from nicegui import ui

from core.security.people.authorize import Action
from core.security.vault.vault import StoredCredential
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.end_chosen import end_chosen
from pages.parts.times import day, minute
from pages.parts.words import button, count, heading, paragraph, shop_of, words
from pages.visitor import acting, allowed, errors_shown, visitor


class StoredSecrets:
    """What the vault holds, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list; what should have been changed at the shop by now is named above it."""
        stored = await self._services.credentials.list(visitor())
        now = self._services.clock.now()
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading("Stored credentials", 2)
                paragraph("Encrypted; nobody can read them here, you included. Sign-ins go when their setup is over.")
            if not stored:
                paragraph("Nothing is stored.", "third")
            if overdue := [one for one in stored if one.is_overdue(now)]:
                named = ", ".join(f"{_field_words(one).lower()} of {shop_of(one.origin)}" for one in overdue)
                words(f"Due to be changed at the shop, and stored anew: {named}.", "p", "well").props("role=status")
            for one in stored:
                self._line(one, now)

    def _line(self, one: StoredCredential, now: datetime) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(f"{_field_words(one)} · {shop_of(one.origin)}", "p", "strong")
                times = count(one.use_count, "time")
                used = f"used {times}, last {minute(one.last_used_at)}" if one.use_count else "not used yet"
                paragraph(f"stored {minute(one.created_at)} · {used}", "second small")
                paragraph(f"{_end_words(one, now)} · {_due_words(one, now)}", "second small")
            if allowed(Action.MANAGE_CREDENTIALS):
                with ui.element("div").classes("row"):
                    button("Set an end", lambda: self._ask_for_end(one))
                    button("Delete", lambda: self._ask_to_delete(one), "danger")

    async def _ask_for_end(self, one: StoredCredential) -> None:
        chosen = await end_chosen(
            f"Until when may the {_field_words(one).lower()} be used?",
            f"From the start of that day on it is not used at {shop_of(one.origin)} any more.",
            one.expires_at,
        )
        if chosen is not None:
            with errors_shown():
                who = await acting(self._services)
                await self._services.credentials.limit(who, one.id, chosen.until)
            self.draw.refresh()

    async def _ask_to_delete(self, one: StoredCredential) -> None:
        question = f"Delete the {_field_words(one).lower()}?"
        follows = f"OmniOps can then no longer use it at {shop_of(one.origin)}. It cannot be brought back."
        if await confirmed(question, follows, "Delete", "Keep it"):
            with errors_shown():
                who = await acting(self._services)
                await self._services.credentials.delete(who, one.id, because="deleted under Settings")
            self.draw.refresh()


def _field_words(one: StoredCredential) -> str:
    return one.field.replace("_", " ").capitalize()


def _end_words(one: StoredCredential, now: datetime) -> str:
    if one.expires_at is None:
        return "no end"
    return f"{'ended' if one.expires_at <= now else 'ends'} {day(one.expires_at)}"


def _due_words(one: StoredCredential, now: datetime) -> str:
    return f"{'was to be changed' if one.is_overdue(now) else 'change it'} by {day(one.rotate_by)}"
