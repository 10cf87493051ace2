"""What the vault holds of shops, without any value: how long it is used, and the way to delete it."""

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from core.security.people.authorize import Action
from core.security.vault.vault import StoredCredential
from core.services import Services
from pages.parts.confirm import confirmed
from pages.parts.end_chosen import end_chosen
from pages.parts.redrawn import redrawn
from pages.parts.times import day, minute
from pages.parts.words import button, heading, paragraph, shop_of, side_by_side, words
from pages.texts import t, tn
from pages.visitor import acting, allowed, errors_shown, visitor


class StoredSecrets:
    """What the vault holds, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @redrawn
    async def draw(self) -> None:
        """The list; what should have been changed at the shop by now is named above it."""
        stored = await self._services.credentials.list(visitor())
        now = self._services.clock.now()
        with ui.element("div").classes("card"):
            with ui.element("div").classes("stack"):
                heading(t("Stored credentials"), 2)
                paragraph(
                    t("Encrypted; nobody can read them here, you included. Sign-ins go when their setup is over.")
                )
            if not stored:
                paragraph(t("Nothing is stored."), "third")
            if overdue := [one for one in stored if one.is_overdue(now)]:
                told = t("Due to be changed at the shop, and stored anew: {secrets}.", secrets=_named(overdue))
                words(told, "p", "well").props("role=status")
            for one in stored:
                self._line(one, now)

    def _line(self, one: StoredCredential, now: datetime) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(side_by_side(_field_words(one), shop_of(one.origin)), "p", "strong")
                stored = t("stored {moment}", moment=minute(one.created_at))
                paragraph(side_by_side(stored, _used_words(one)), "second small")
                paragraph(side_by_side(_end_words(one, now), _due_words(one, now)), "second small")
            if allowed(Action.MANAGE_CREDENTIALS):
                with ui.element("div").classes("row"):
                    button(t("Set an end"), lambda: self._ask_for_end(one))
                    button(t("Delete"), lambda: self._ask_to_delete(one), "danger")

    async def _ask_for_end(self, one: StoredCredential) -> None:
        chosen = await end_chosen(
            t("Until when may the {secret} be used?", secret=_field_words(one).lower()),
            t("From the start of that day on it is not used at {shop} any more.", shop=shop_of(one.origin)),
            one.expires_at,
        )
        if chosen is not None:
            with errors_shown():
                who = await acting(self._services)
                await self._services.credentials.limit(who, one.id, chosen.until)
            self.draw.refresh()

    async def _ask_to_delete(self, one: StoredCredential) -> None:
        question = t("Delete the {secret}?", secret=_field_words(one).lower())
        follows = t("OmniOps can then no longer use it at {shop}. It cannot be brought back.", shop=shop_of(one.origin))
        if await confirmed(question, follows, t("Delete"), t("Keep it")):
            with errors_shown():
                who = await acting(self._services)
                await self._services.credentials.delete(who, one.id, because="deleted under Settings")
            self.draw.refresh()


def _field_words(one: StoredCredential) -> str:
    return one.field.replace("_", " ").capitalize()


def _named(secrets: Sequence[StoredCredential]) -> str:
    every = (t("{secret} of {shop}", secret=_field_words(one).lower(), shop=shop_of(one.origin)) for one in secrets)
    return ", ".join(every)


def _used_words(one: StoredCredential) -> str:
    if not one.use_count:
        return t("not used yet")
    last = minute(one.last_used_at)
    return tn("used {number} time, last {moment}", "used {number} times, last {moment}", one.use_count, moment=last)


def _end_words(one: StoredCredential, now: datetime) -> str:
    if one.expires_at is None:
        return t("no end")
    last = day(one.expires_at)
    return t("ended {day}", day=last) if one.expires_at <= now else t("ends {day}", day=last)


def _due_words(one: StoredCredential, now: datetime) -> str:
    due = day(one.rotate_by)
    return t("was to be changed by {day}", day=due) if one.is_overdue(now) else t("change it by {day}", day=due)
