"""An operation that waits for consent: read what it will do, sign in to the shop if need be, and let it begin."""

from dataclasses import replace

from nicegui import ui

from core.operations.consents import ConsentRequest, ConsentSheet
from core.operations.views import OperationView
from core.security.consent.agreement import Purpose
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.consent_sheet import ConsentDialog
from pages.parts.sign_in_fields import SignInFields
from pages.parts.typed import forget_typed
from pages.parts.words import button, heading, paragraph
from pages.texts import t
from pages.visitor import acting, allowed, circumstances, errors_shown, visitor


class WaitingCard:
    """What is asked of a person before the operation begins."""

    def __init__(self, services: Services, view: OperationView) -> None:
        self._services = services
        self._view = view
        self._integration = services.integrations.get(view.service, view.operation)
        self._sign_in: SignInFields | None = None

    async def draw(self) -> None:
        """The card, with fields for the sign-in if none is stored; for who may not decide, that it waits for who may."""
        if not allowed(Action.DECIDE_CONSENT):
            with ui.element("div").classes("card"):
                heading(t("It waits for consent"), 2)
                paragraph(t("An owner of the company is shown what it will do, what it will not, and what is kept."))
            return
        complete = await self._sign_in_is_stored()
        with ui.element("div").classes("card"):
            heading(t("It waits for your consent"), 2)
            paragraph(t("You see what it will do, what it will not, and what is kept; then you allow it or not."))
            if not complete:
                paragraph(t("It also needs to sign in to your shop:"))
                self._sign_in = SignInFields(self._integration)
            with ui.element("div").classes("row"):
                button(t("Read what it will do"), self._ask, "accent")

    async def _sign_in_is_stored(self) -> bool:
        stored = await self._services.credentials.list(visitor())
        here = {one.field for one in stored if (one.service, one.origin) == (self._view.service, self._view.store_url)}
        return {field.name for field in self._integration.sign_in} <= here

    async def _ask(self) -> None:
        """Show the consent; allowing it stores the sign-in and lets the operation begin."""
        with errors_shown():
            await acting(self._services)
            typed = self._sign_in.typed() if self._sign_in else None
            sheet = self._sheet(stores=typed is not None)
            answer = await ConsentDialog(sheet, self._services.clock.now()).ask()
            if answer is None:
                return
            who, view = await acting(self._services), self._view
            if not answer.allowed:
                no = circumstances("consent-refuse", answer.shown_at)
                await self._services.consents.refuse(who, self._request(), no)
                return
            how = circumstances("consent-allow", answer.shown_at)
            if typed:
                await self._services.credentials.store(who, view.service, view.store_url, typed, how)
            await self._services.consents.agree_for(who, view.id, how, answer.apart, answer.refused(sheet))
            forget_typed()

    def _request(self) -> ConsentRequest:
        view = self._view
        return ConsentRequest(view.service, view.operation, view.store_url, view.permissions)

    def _sheet(self, *, stores: bool) -> ConsentSheet:
        """The consent to just this operation: it was asked for with these permissions, all of them or nothing.

        Whoever has sent the sign-in before has agreed that it is kept, and is not asked again.
        """
        sheet = self._services.consents.sheet(self._request())
        asked = (replace(line, optional=False) for line in sheet.will if line.permission in self._view.permissions)
        boxes = (box for box in sheet.boxes if stores or box.purpose is not Purpose.STORE_SIGN_IN)
        return replace(sheet, will=tuple(asked), boxes=tuple(boxes))
