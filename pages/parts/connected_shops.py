"""What can be done with a connected shop as a whole: have its key revoked there, or forget it here."""

from collections.abc import Callable

from nicegui import ui

from core.operations.connections import Connection
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.words import address_of, button, link, shop_of
from pages.texts import t, tn
from pages.visitor import acting, allowed, errors_shown


class Leaving:
    """The buttons of one shop; `told` hears what stays at a shop that was just forgotten."""

    def __init__(self, services: Services, one: Connection, told: Callable[[str], None]) -> None:
        self._services = services
        self._one = one
        self._told = told

    def draw(self) -> None:
        """Those that the visitor may press."""
        one = self._one
        with ui.element("div").classes("row"):
            if one.revoked_by and allowed(Action.OPERATE):
                form = address_of("/set-up", service=one.service, operation=one.revoked_by, store=one.store_url)
                link(t("Revoke there"), form, "button")
            if allowed(Action.MANAGE_CREDENTIALS):
                button(t("Forget"), self._ask, "danger")

    async def _ask(self) -> None:
        one, shop = self._one, shop_of(self._one.store_url)
        products = tn("{number} product", "{number} products", one.product_count)
        goes = t("{products}, the connection and its stored keys are deleted here, for good.", products=products)
        stays = " ".join([t("Nothing is changed in your shop. What was done stays on record."), *one.stays])
        question = t("Forget {shop}?", shop=shop)
        if await confirmed(question, "\n".join([goes, stays]), t("Forget"), t("Keep it")):
            with errors_shown():
                who, desk = await acting(self._services), self._services.connections
                stayed = await desk.forget(who, one.id, because="forgotten under Shops")
                self._told(" ".join([t("{shop} is forgotten here.", shop=shop), *stayed]))
