"""The shops that are connected, with the way to forget one."""

from collections.abc import Callable

from nicegui import ui

from core.operations.connections import Connection
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.upkeep import draw_trouble
from pages.parts.words import address_of, button, count, heading, link, paragraph, shop_of, words
from pages.visitor import acting, allowed, errors_shown, visitor


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
