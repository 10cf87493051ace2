"""From the address to the start: the steps of one service; where there are several ways to set it up, one is taken."""

from dataclasses import replace

from nicegui import ui

from core.agents.integration import Integration
from core.database.states import OperationStatus
from core.errors import CoreError
from core.operations.consents import ConsentRequest, ConsentSheet
from core.operations.service import AlreadyRunning, NewOperation
from core.operations.views import OperationView
from core.security.origin import Origin
from core.security.people.authorize import Action
from core.security.secret import Secret
from core.services import Services
from pages.parts import tour
from pages.parts.address_check import AddressCheck
from pages.parts.consent_sheet import Answer, ConsentDialog
from pages.parts.setup_words import draw_what_happens, what_happens
from pages.parts.sign_in_fields import SignInFields
from pages.parts.stepper import Step
from pages.parts.typed import forget_typed
from pages.parts.ways import Ways, ways_to
from pages.parts.words import address_of, link, paragraph, words
from pages.texts import later, t
from pages.visitor import acting, allowed, circumstances

NOTHING_BEFORE = later("Nothing is done before you have read it and said yes.")
OWNER_DECIDES = later("Nothing is done before an owner of your company has read it, signed in there, and said yes.")


class SetupForm:
    """The steps after the choice of a service. A step opens by itself once the one before it is done."""

    def __init__(self, services: Services, chosen: Integration, store: str) -> None:
        self._services = services
        self._ways = ways_to(services, chosen)
        self._integration = chosen if chosen in self._ways else self._ways[0]
        self._decides = allowed(Action.DECIDE_CONSENT)
        self._beside: ui.element | None = None
        self._store = store
        self._where = Step(2, t("Address"))
        self._where.show("now")
        with self._where.body:
            self._address = AddressCheck(services, chosen, store, self._found)
        self._how = Step(3, t("Way") if len(self._ways) > 1 else t("Sign-in"))
        with self._how.body:
            self._draw_how()
        self._consent = Step(4, t("Consent"))

    def draw_beside(self) -> None:
        """What happens, beside the form."""
        self._beside = ui.element("div").classes("card")
        self._take(self._integration)

    async def look(self) -> None:
        """Look at the address that came along."""
        await self._address.look()

    def _draw_how(self) -> None:
        with ui.element("form").classes("form").props("novalidate").on("submit.prevent", lambda _: self._go()):
            Ways(self._ways, self._integration, self._take)
            with ui.element("div") as self._who:  # who signs in there: of who may store it
                self._sign_in = SignInFields(self._ways[-1])
            self._refusal = words("", "p", "refusal").props("role=alert")
            self._to_it = ui.element("div")  # a way to what is in the way
            with ui.element("button").classes("button full start").props("type=submit") as self._button:
                self._button_words = words(self._invitation)
            paragraph(t(NOTHING_BEFORE if self._decides else OWNER_DECIDES), "second small")

    async def _found(self, origin: Origin | None) -> None:
        """The next step opens where there is a shop, and the address of this page leads back to here."""
        self._where.show("done" if origin else "now", is_open=True)
        self._how.show("now" if origin else "to-come")
        if origin or self._address.typed != self._store:  # what came along stays, though it does not answer now
            self._store = str(origin or "")
            self._tell_address()

    def _tell_address(self) -> None:
        """The address of this page leads back to the shop and the way that are chosen now."""
        one, store = self._integration, {"store": self._store} if self._store else {}
        query = {"service": one.service, "operation": one.operation, **store, **tour.kept()}
        ui.navigate.history.replace(address_of("/set-up", **query))

    def _take(self, way: Integration) -> None:
        """From now on it is done this way; what was typed stays."""
        if way is not self._integration:
            self._integration = way
            self._tell_address()
        self._who.set_visibility(bool(way.sign_in) and self._decides)
        if self._beside:
            self._beside.clear()
            with self._beside:
                draw_what_happens(what_happens(way))

    def _typed(self) -> dict[str, Secret]:
        """The sign-in that was typed, where one is needed. Raises SignInIncomplete for a field that is empty."""
        return self._sign_in.typed() if self._integration.sign_in else {}

    @property
    def _invitation(self) -> str:
        if self._integration.ends:
            return t("Revoke at {service}", service=self._integration.title)
        return t("Set up {service}", service=self._integration.title)

    async def _go(self) -> None:
        """Check the shop, ask for consent, and start; what was typed stays if anything is refused."""
        if "aria-disabled" in self._button.props:  # not disabled itself, which would take the focus from it
            return
        self._refusal.set_text("")
        self._button.props("aria-disabled=true")
        self._button_words.set_text(t("Looking at the shop …"))
        try:
            await self._check_ask_and_start()
        except CoreError as error:
            self._refusal.set_text(error.sentence)
        finally:
            self._button.props(remove="aria-disabled")
            self._button_words.set_text(self._invitation)
            self._consent.show("to-come")

    async def _check_ask_and_start(self) -> None:
        self._to_it.clear()
        who, one = await acting(self._services), self._integration
        store = str(await self._services.operations.check_shop(who, one.service, self._address.typed))
        if self._decides:
            self._typed()
        if one.approval:
            self._services.approvals.ours.check(Origin.of(store))
        waiting = await self._services.overview.open_at(who, one.service, store)
        if waiting and waiting.status is not OperationStatus.AWAITING_CONSENT:
            with self._to_it:
                link(t("See that setup"), f"/operations/{waiting.id}", "strong")
            raise AlreadyRunning(because=t("Watch it, or stop it."))
        if not self._decides:
            begun = waiting or await self._services.operations.initiate(
                who, NewOperation(one.service, one.operation, store)
            )
            forget_typed()
            ui.navigate.to(f"/operations/{begun.id}")
            return
        await self._ask_and_start(ConsentRequest(one.service, one.operation, store), waiting)

    async def _ask_and_start(self, request: ConsentRequest, waiting: OperationView | None) -> None:
        self._consent.show("now")
        self._button_words.set_text(t("It waits for your answer …"))
        sheet = self._services.consents.sheet(request)
        answer = await ConsentDialog(sheet, self._services.clock.now()).ask()
        if answer is None:
            return
        if answer.allowed:
            self._button_words.set_text(t("It begins …"))
            await self._start(replace(request, permissions=self._agreed(answer)), answer, sheet, waiting)
        else:
            no = circumstances("consent-refuse", answer.shown_at)
            await self._services.consents.refuse(await acting(self._services), request, no)

    def _agreed(self, answer: Answer) -> tuple[str, ...]:
        permissions = sorted(self._integration.wanted(answer.permissions))
        return (*permissions, *(one.value for one in answer.apart))

    async def _start(
        self, request: ConsentRequest, answer: Answer, sheet: ConsentSheet, waiting: OperationView | None
    ) -> None:
        """Store the sign-in, record the consents, and go where it can be watched."""
        who, store = await acting(self._services), request.store_url
        how = circumstances("consent-allow", answer.shown_at)
        if typed := self._typed():
            await self._services.credentials.store(who, request.service, store, typed, how)
        await self._services.consents.agree(who, request, how, answer.refused(sheet))
        # The consent may have let an operation begin that waited for it.
        begun = await self._services.operations.status(who, waiting.id) if waiting else None
        if begun is None or begun.status is OperationStatus.AWAITING_CONSENT:
            wanted = NewOperation(request.service, request.operation, store, request.to_act)
            begun = await self._services.operations.initiate(who, wanted)
        forget_typed()
        ui.navigate.to(f"/operations/{begun.id}")
