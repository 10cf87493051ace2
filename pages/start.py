"""Set up: choose a service, say which shop and who signs in there, read what will be done, allow it or not."""

from dataclasses import replace

from nicegui import ui

from core.agents.integration import Integration, Integrations
from core.catalog.catalog import ConnectionView
from core.database.states import OperationStatus
from core.errors import CoreError
from core.operations.consents import ConsentRequest, ConsentSheet
from core.operations.service import AlreadyRunning, NewOperation
from core.operations.views import OperationView
from core.security.origin import Origin
from core.security.people.authorize import Action
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.services import Services
from pages.layout import frame
from pages.parts.consent_sheet import Answer, ConsentDialog
from pages.parts.sign_in_fields import SignInFields, labelled_input
from pages.parts.times import minute
from pages.parts.ways import Ways, ways_to
from pages.parts.words import address_of, count, heading, link, paragraph, shop_of, words
from pages.visitor import acting, allowed, circumstances, visitor

IN_TWO_MINUTES = "Two hours of clicking become two minutes of watching, with proof of what was done."
GONE_AFTERWARDS = "It is revoked where it was made, and then forgotten here, with proof of what was done."
NOTHING_BEFORE = "Nothing is done before you have read it and said yes."
OWNER_DECIDES = "Nothing is done before an owner of your company has read it, signed in there, and said yes."
READ = ("fact_check", "You read exactly what will be done, and allow it or not.")
WITH_THE_AGENT = (
    ("storefront", "You say where it is, and who signs in there."),
    READ,
    ("visibility", "You watch every step and its picture. You can stop it at any moment."),
    ("key", "What you sign in with is deleted when it is over. The key is kept encrypted."),
)
WHEN_TAKEN_BACK = (
    ("storefront", "You say where it is, and who signs in there."),
    READ,
    ("visibility", "You watch every step and its picture. You can stop it at any moment."),
    ("key_off", "The key is revoked there, shown to be refused, and forgotten here. What you sign in with is deleted."),
)
WHEN_APPROVED = (
    ("storefront", "You say where it is."),
    READ,
    ("how_to_reg", "Your shop asks you, in your own browser. You approve there, and come back."),
    ("key", "No password is shared. The key is kept encrypted."),
)


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page("/")
    async def start_page(service: str = "", operation: str = "", store: str = "") -> None:
        connections = await services.catalog.connections(visitor())
        chosen = _chosen(services.integrations, service, operation)
        with frame("Set up", "/"):
            with ui.element("div").classes("stack"):
                heading("Take a key back" if chosen.ends else "Set up a service")
                paragraph(GONE_AFTERWARDS if chosen.ends else IN_TWO_MINUTES)
            with ui.element("div").classes("setup"):
                with ui.element("div").classes("form") as left:
                    _draw_services(services.integrations, chosen)
                with ui.element("div").classes("form"):
                    what_happens = WhatHappens()
                    _draw_connections(connections)
            with left:
                if allowed(Action.OPERATE):
                    SetupForm(services, chosen, store, what_happens)
                else:
                    _draw_nothing_to_ask(what_happens, chosen)


def _draw_nothing_to_ask(what_happens: "WhatHappens", chosen: Integration) -> None:
    what_happens.show(_what_happens(chosen))
    with ui.element("div").classes("card"):
        heading(chosen.title, 2)
        paragraph(chosen.summary)
        paragraph(f"As {visitor().role.words} one looks at setups, and asks for none.")


def _chosen(integrations: Integrations, service: str, operation: str) -> Integration:
    """What the address asks for, or the first way of the first service there is."""
    first, *others = integrations.setups()
    if (asked := integrations.find(service, operation)) is not None:
        return asked
    found = next((one for one in (first, *others) if one.service == service), first)
    return integrations.approved(found.service) or found


def _what_happens(way: Integration) -> tuple[tuple[str, str], ...]:
    if way.ends:
        return WHEN_TAKEN_BACK
    return WHEN_APPROVED if way.approval else WITH_THE_AGENT


def _draw_services(integrations: Integrations, chosen: Integration) -> None:
    """Links to the forms of what can be set up, one for each service."""
    with ui.element("nav").classes("services").props('aria-label="Service"'):
        for title, service in {one.title: one.service for one in integrations.setups()}.items():
            to_form = link(title, address_of("/", service=service))
            if service == chosen.service:
                to_form.props("aria-current=page")


class SetupForm:
    """The form of one service; where there are several ways to set it up, one of them is taken."""

    def __init__(self, services: Services, chosen: Integration, store: str, what_happens: "WhatHappens") -> None:
        self._services = services
        ways = ways_to(services, chosen)
        self._integration = integration = chosen if chosen in ways else ways[0]
        self._what_happens = what_happens
        self._decides = allowed(Action.DECIDE_CONSENT)
        self._looked_at = ""
        with ui.element("form").classes("card").props("novalidate").on("submit.prevent", lambda _: self._go()):
            with ui.element("div").classes("stack"):
                heading(integration.title, 2)
                self._summary = paragraph("")
                self._needs = paragraph("", "second small")
            Ways(ways, integration, self._take)
            self._store = labelled_input(f"{integration.service}-store", integration.address_label, value=store)
            self._store.props("placeholder=https://your-site.example inputmode=url autocomplete=url")
            self._store.on("blur", lambda _: self._look())
            self._found = words("", "p", "second small own-line").props("role=status")
            with ui.element("div") as self._who:  # who signs in there: of who may store it
                self._sign_in = SignInFields(ways[-1])
            self._refusal = words("", "p", "refusal").props("role=alert")
            with ui.element("button").classes("button full").props("type=submit") as self._button:
                self._button_words = words(self._invitation)
            paragraph(NOTHING_BEFORE if self._decides else OWNER_DECIDES, "second small")
        self._take(integration)

    def _take(self, way: Integration) -> None:
        """From now on it is done this way; what was typed stays."""
        self._integration = way
        self._summary.set_text(way.summary)
        self._needs.set_text(f"It needs: {way.needs}")
        self._who.set_visibility(bool(way.sign_in) and self._decides)
        self._what_happens.show(_what_happens(way))

    def _typed(self) -> dict[str, Secret]:
        """The sign-in that was typed, where one is needed. Raises BadCredentials for a field that is empty."""
        return self._sign_in.typed() if self._integration.sign_in else {}

    @property
    def _invitation(self) -> str:
        return f"{'Revoke at' if self._integration.ends else 'Set up'} {self._integration.title}"

    async def _look(self) -> None:
        """Say whether the shop is there, as soon as its address was typed."""
        typed = (self._store.value or "").strip()
        if not typed or typed == self._looked_at:
            return
        self._looked_at = typed
        self._found.set_text(f"Looking at {typed} …")
        try:
            who = await acting(self._services)
            origin = await self._services.operations.check_shop(who, self._integration.service, typed)
        except CoreError as error:
            self._found.set_text(error.sentence)
        else:
            self._found.set_text(f"{self._integration.title} found at {shop_of(str(origin))}.")

    async def _go(self) -> None:
        """Check the shop, ask for consent, and start; what was typed stays if anything is refused."""
        self._refusal.set_text("")
        self._button.props("disabled")
        self._button_words.set_text("Looking at the shop …")
        try:
            await self._check_ask_and_start()
        except CoreError as error:
            self._found.set_text("")
            self._refusal.set_text(error.sentence)
        finally:
            self._button.props(remove="disabled")
            self._button_words.set_text(self._invitation)

    async def _check_ask_and_start(self) -> None:
        who, one = await acting(self._services), self._integration
        store = str(await self._services.operations.check_shop(who, one.service, self._store.value or ""))
        if self._decides:
            self._typed()
        if one.approval:
            self._services.approvals.ours.check(Origin.of(store))
        waiting = await self._open_at(who, store)
        if waiting and waiting.status is not OperationStatus.AWAITING_CONSENT:
            raise AlreadyRunning(because="Watch it, or stop it, under Operations.")
        if not self._decides:
            begun = waiting or await self._services.operations.initiate(
                who, NewOperation(one.service, one.operation, store)
            )
            ui.navigate.to(f"/operations/{begun.id}")
            return
        request = ConsentRequest(one.service, one.operation, store)
        await self._ask_and_start(request, waiting)

    async def _ask_and_start(self, request: ConsentRequest, waiting: OperationView | None) -> None:
        sheet = self._services.consents.sheet(request)
        answer = await ConsentDialog(sheet, self._services.clock.now()).ask()
        if answer.allowed:
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
        ui.navigate.to(f"/operations/{begun.id}")

    async def _open_at(self, who: Visitor, store: str) -> OperationView | None:
        """The setup of this shop that is not over yet, if there is one."""
        recent = await self._services.operations.history(who)
        here = (view for view in recent if view.service == self._integration.service and view.store_url == store)
        return next((view for view in here if not view.status.is_over), None)


class WhatHappens:
    """What comes one after the other, in a few lines."""

    def __init__(self) -> None:
        with ui.element("div").classes("card"):
            heading("What happens", 2)
            self._lines = ui.element("ol")

    def show(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Show these, each with its icon."""
        self._lines.clear()
        with self._lines:
            for icon, told in lines:
                with ui.element("li"):
                    ui.icon(icon).props("aria-hidden=true")
                    words(told)


def _draw_connections(connections: tuple[ConnectionView, ...]) -> None:
    if not connections:
        return
    with ui.element("div").classes("card"):
        heading("Connected", 2)
        for one in connections:
            with ui.element("div").classes("stack"):
                words(shop_of(one.store_url), "p", "strong")
                with ui.element("p").classes("second small"):
                    if one.synced_at:
                        link(count(one.product_count, "product"), "/products")
                        words(f" · brought over {minute(one.synced_at)}")
                    else:
                        words(f"key ending in {one.key_hint} · since {minute(one.created_at)}")
