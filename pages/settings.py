"""Who you are here, what is stored of your shops, and what to delete."""

from collections.abc import Callable
from datetime import datetime

from nicegui import ui

from core.operations.connections import Connection
from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor
from core.security.vault.vault import StoredCredential
from core.services import Services
from pages.layout import frame
from pages.parts.confirm import confirmed
from pages.parts.end_chosen import end_chosen
from pages.parts.own_data import OwnData
from pages.parts.own_sign_in import draw_own_sign_in
from pages.parts.times import day, minute
from pages.parts.tokens import TokenList
from pages.parts.upkeep import draw_trouble
from pages.parts.words import address_of, button, count, heading, link, paragraph, shop_of, words
from pages.visitor import acting, allowed, errors_shown, visitor

CHANGED = {
    "password": "Your password is changed. Every other browser is signed out; your API tokens are as they were.",
    "password-and-tokens": "Your password is changed. Every other browser is signed out, and your API tokens are revoked.",
}


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/settings")
    async def settings_page(error: str = "", about: str = "", changed: str = "") -> None:
        who = visitor()
        with frame("Settings", "/settings"):
            with ui.element("div").classes("stack"):
                heading("Settings")
                paragraph(f"Signed in as {who.email}, {who.role.words}.")
            if changed in CHANGED:
                words(CHANGED[changed], "p", "well").props("role=status")
            await _draw_for_company(services, who)
            if may(who, Action.MANAGE_TOKENS):
                await TokenList(services).draw()
            await draw_own_sign_in(services, who, "" if about else error)
            if may(who, Action.PRIVACY):
                OwnData(services).draw(error if about else "")


async def _draw_for_company(services: Services, who: Visitor) -> None:
    """Shops and secrets, for those who may see to them."""
    if not may(who, Action.SEE_CREDENTIALS):
        paragraph("An owner of your company sees to connected shops, credentials and API tokens.")
        return
    secrets = StoredSecrets(services)
    await ConnectedShops(services, when_forgotten=secrets.draw.refresh).draw()
    await secrets.draw()


class ConnectedShops:
    """The shops that are connected, drawn anew after each action."""

    def __init__(self, services: Services, when_forgotten: Callable[[], object]) -> None:
        self._services = services
        self._when_forgotten = when_forgotten
        self._told = ""

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list, and under it what stays at a shop that was just forgotten."""
        connected = await self._services.connections.list(visitor())
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading("Connected shops", 2)
                paragraph(
                    "One you forget goes with its products and its stored keys; its key stays at the shop until it is "
                    "revoked there, by you or by the agent. What was done stays on record."
                )
            if not connected:
                paragraph("No shop is connected.", "third")
            for one in connected:
                self._line(one)
            words(self._told, "p", "well").props("role=status")

    def _line(self, one: Connection) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(f"{one.title} at {shop_of(one.store_url)}", "p", "strong")
                paragraph(f"{count(one.product_count, 'product')} · key ending in {one.key_hint}", "second small")
                draw_trouble(one)
            with ui.element("div").classes("row"):
                if one.revoked_by and allowed(Action.OPERATE):
                    form = address_of("/set-up", service=one.service, operation=one.revoked_by, store=one.store_url)
                    link("Revoke there", form, "button")
                if allowed(Action.MANAGE_CREDENTIALS):
                    button("Forget", lambda: self._ask_to_forget(one), "danger")

    async def _ask_to_forget(self, one: Connection) -> None:
        shop, products = shop_of(one.store_url), count(one.product_count, "product")
        goes = f"{products}, the connection and its stored keys are deleted here, for good."
        stays = " ".join(["Nothing is changed in your shop.", *one.stays])
        if await confirmed(f"Forget {shop}?", f"{goes}\n{stays}", "Forget", "Keep it"):
            with errors_shown():
                who, desk = await acting(self._services), self._services.connections
                stayed = await desk.forget(who, one.id, because="forgotten under Settings")
                self._told = " ".join([f"{shop} is forgotten here.", *stayed])
            self.draw.refresh()
            self._when_forgotten()


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
