"""Trying an operation once more: the button, when it is tried by itself, and the way from one try to the other."""

from nicegui import ui

from core.database.states import OperationStatus
from core.operations.retrying import MOST_TRIES
from core.operations.runs import CustomerRun
from core.operations.views import OperationView
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.times import time_of_day
from pages.parts.words import address_of, button, heading, link, paragraph, words
from pages.texts import later, t
from pages.visitor import acting, allowed, errors_shown, visitor

WHICH = (
    later("This is the first try."),
    later("This is the second try."),
    later("This is the third try."),
    later("This is the fourth try."),
)  # as many as there are by themselves


class Again:
    """What is shown of trying once more, on the page of one operation."""

    def __init__(self, services: Services, view: OperationView, next_try: OperationView | None) -> None:
        self._services = services
        self._view = view
        self._next_try = next_try

    async def draw(self) -> None:
        """What follows a try that is over, or what one waits for that is due later; nothing for all others."""
        if self._view.waits_until:
            await self._draw_waiting()
        elif self._next_try:
            _draw_followed(self._next_try)
        elif self._view.status in {OperationStatus.FAILED, OperationStatus.CANCELLED} and allowed(Action.OPERATE):
            self._draw_button()

    def _draw_button(self) -> None:
        view = self._view
        with ui.element("div").classes("row"):
            button(t("Try again"), self._retry, "accent")
            if self._services.integrations.get(view.service, view.operation).keeps_up:
                link(t("See the connection"), "/products", "button")
                return
            form = address_of("/set-up", service=view.service, operation=view.operation, store=view.store_url)
            link(t("Change something first"), form, "button")

    async def _draw_waiting(self) -> None:
        before = self._view.retry_of and await self._services.operations.status(visitor(), self._view.retry_of)
        with ui.element("div").classes("card"):
            heading(will_try(self._view), 2)
            if before and before.failure:
                paragraph(t("The try before did not work: {why}", why=before.failure.sentence))
            if self._services.integrations.get(self._view.service, self._view.operation).sign_in:
                paragraph(t("Until then the sign-in stays encrypted in the vault. Stop it, and it is deleted at once."))
            if allowed(Action.OPERATE):
                with ui.element("div").classes("row"):
                    button(t("Try now"), self._retry, "accent")

    async def _retry(self) -> None:
        with errors_shown():
            again = await self._services.retries.retry(await acting(self._services), self._view.id)
            ui.navigate.to(f"/operations/{again.id}")


def _draw_followed(again: OperationView) -> None:
    with ui.element("div").classes("row"):
        if again.status is OperationStatus.AWAITING_CONSENT:
            words(t("Another try waits for your consent."), classes="strong")
            link(t("Read it, and allow it or not"), f"/operations/{again.id}")
            return
        told = f"{will_try(again)}." if again.waits_until else t("It was tried once more.")
        words(told, classes="strong")
        link(t("See that try"), f"/operations/{again.id}")


def will_try(view: OperationView | CustomerRun) -> str:
    """When it is tried by itself, and the how manieth time that is."""
    at = time_of_day(view.not_before)
    return t("Will try again at {time} ({number} of {most})", time=at, number=view.tries, most=MOST_TRIES)


def draw_try_before(view: OperationView) -> None:
    """That this is another try, and of what."""
    if view.retry_of:
        with ui.element("p").classes("second"):
            words(t(WHICH[view.tries]) if view.tries else t("This is another try."))
            words(" ")
            link(t("See the one before"), f"/operations/{view.retry_of}")
