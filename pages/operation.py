"""One operation, live: watch its steps and pictures, stop it, see what came of it."""

from uuid import UUID

from fastapi import Request
from nicegui import ui

from core.agents.integration import Integration
from core.database.states import CHECK, OperationStatus
from core.errors import NotFound
from core.operations.consent_view import ConsentView
from core.operations.views import OperationView
from core.security.audit.checkpoint import Checkpoint
from core.security.people.authorize import Action, may
from core.security.people.people import Visitor
from core.services import Services
from core.statistics.summary import UsualRest
from pages.layout import frame
from pages.parts import tour
from pages.parts.again import Again, draw_try_before
from pages.parts.approval import ApprovalCard
from pages.parts.confirm import confirmed
from pages.parts.how_far import HowFar
from pages.parts.outcome import draw_outcome
from pages.parts.pictures import Pictures
from pages.parts.question import QuestionCard
from pages.parts.replay import Replay, begun
from pages.parts.screen import screen
from pages.parts.similar import draw_similar
from pages.parts.timeline import Timeline
from pages.parts.times import day
from pages.parts.waiting import WaitingCard
from pages.parts.watch import Watch
from pages.parts.words import (
    address_of,
    badge,
    button,
    heading,
    link,
    sentence,
    shop_of,
    side_by_side,
    whole_number,
    words,
)
from pages.texts import later, t
from pages.trouble import not_found
from pages.visitor import acting, below, errors_shown, visitor

LIVE = {OperationStatus.PENDING, OperationStatus.IN_PROGRESS, OperationStatus.AWAITING_INPUT}
STEP, MOST_STEPS = "step", 10_000  # which step of a run that is over the address leads to
NO_SUCH = later("There is no such operation")
GONE = later("The address may be mistyped, or it was forgotten with its shop.")
IF_APPROVED = later(
    "It ends at once. A key that you have approved already stays in your shop until you revoke it there."
)


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/operations/{operation_id}", reconnect_timeout=20)
    async def operation_page(operation_id: str, request: Request) -> None:
        who = visitor()
        try:
            view = await services.operations.status(who, _id(operation_id))
        except NotFound:
            ui.status_code(404)
            not_found(t(NO_SUCH), t(GONE))
            return
        usual = await services.statistics.usual_rest(view.service, view.operation)
        integration = services.integrations.get(view.service, view.operation)
        no = integration.approval.declined(request.query_params) if integration.approval else None
        declined = no is not None and may(who, Action.OPERATE) and await services.approvals.decline(who, view.id, no)
        with frame(t("Operation"), "/operations"):
            # The shop sends a state along; it is used up, and no part of this page's address.
            if set(request.query_params) - {STEP, tour.TOUR}:
                here = below(ui.context.client, f"/operations/{view.id}")
                ui.navigate.history.replace(address_of(here, **tour.kept()))
            live = LiveOperation(services, view, usual, declined=declined)
            await live.watch()
            live.replay_at(whole_number(request.query_params.get(STEP, ""), MOST_STEPS))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(because=NO_SUCH) from error


def _doing(one: Integration) -> str:
    """What is done, as the title."""
    if one.operation == CHECK:
        return t("Looking at {service}", service=one.title)
    if one.keeps_up:
        return t("Bringing over from {service}", service=one.title)
    if one.ends:
        return t("Revoking at {service}", service=one.title)
    return t("Setting up {service}", service=one.title)


def _if_stopped(one: Integration) -> tuple[str, str]:
    """The question before it is stopped, and what follows."""
    if one.ends:
        follows = t("The agent leaves at once. What it has not revoked by then stays, and stays connected here.")
        return t("Stop this revocation?"), follows
    if one.keeps_up:
        return t("Stop this operation?"), t("It ends at once. The connection stays as it is.")
    if one.approval:
        return t("Stop this setup?"), t(IF_APPROVED)
    return t("Stop this setup?"), t("The agent leaves at once, and removes the key if it has made one.")


def _asks(view: OperationView) -> tuple[object, ...]:
    """What decides on what is drawn of an outcome, or of what a person is asked."""
    return view.status, view.question, view.retried_by, view.waits_until


class LiveOperation:
    """The screen of one operation; what has changed is changed in place."""

    def __init__(self, services: Services, view: OperationView, usual: UsualRest, *, declined: bool = False) -> None:
        self._services = services
        self._declined = declined
        self._integration = services.integrations.get(view.service, view.operation)
        self._opens_pages = self._integration.opens_browser
        self._client = ui.context.client
        self._view: OperationView | None = None
        self._asked: tuple[object, ...] | None = None  # what the outcome was drawn for
        self._first = view
        self._consent: ConsentView | None = None
        with ui.element("div").classes("head"):
            with ui.element("div"):
                self._draw_title(view)
            with ui.element("div").classes("row"):
                self._again = button(t("Replay"), lambda: self.replay_at(1))
                self._stop = button(t("Stop"), self._ask_to_stop, "danger")
        with ui.element("div").classes("live"):
            self._how_far = HowFar(usual, services.clock)
            self._outcome = ui.element("div").classes("outcome").props("aria-live=polite")
            self._timeline = Timeline()
            self._pictures = Pictures(services, view.id)
            self._replay = Replay(self._timeline.highlight, self._replayed)

    async def watch(self) -> None:
        """Show how it stands, and every change from now on."""
        await self._show(visitor(), self._first)
        Watch(self._services, self._look, concerns=self._concerns)

    def _concerns(self, operation_id: UUID) -> bool:
        """Whether it is this one, or the try that follows it. A demo's reset tells of no operation that it forgets: there, any is."""
        shown = self._view or self._first
        return self._services.demo is not None or operation_id in {shown.id, shown.retried_by}

    def replay_at(self, number: int | None) -> None:
        """Replay it from the step of this number on, if it is over."""
        if number and self._again.visible:
            self._pictures.hide(is_hidden=True)
            self._again.set_visibility(False)
            self._replay.open(number)

    def _replayed(self, number: int | None) -> None:
        """Have the address tell which step is shown; once that is closed, everything is as before."""
        here = below(self._client, f"/operations/{self._first.id}")
        with self._client:
            ui.navigate.history.replace(address_of(here, **tour.kept(), **({STEP: str(number)} if number else {})))
        if number is None:
            self._pictures.hide(is_hidden=False)
            self._again.set_visibility(True)
            self._again.run_method("focus")

    async def _look(self, who: Visitor) -> None:
        try:
            view = await self._services.operations.status(who, self._first.id)
        except NotFound:  # it was forgotten while it was looked at: its address says so from now on
            ui.navigate.to(f"/operations/{self._first.id}")
            return
        await self._show(who, view)

    async def _show(self, who: Visitor, view: OperationView) -> None:
        before, self._view = self._view, view
        if view.consent_id and (before is None or before.consent_id != view.consent_id):
            given = await self._services.consents.list(who)
            self._consent = next((one for one in given if one.id == view.consent_id), None)
            self._show_consent(who)
        if self._client.is_deleted:
            return
        self._badge.set_text(view.status.words)
        self._badge.classes(replace=f"badge {view.status.value}")
        self._stop.set_visibility(not view.status.is_over and may(who, Action.OPERATE))
        self._how_far.show(view)
        self._timeline.show(view.steps, over=view.status.is_over)
        self._replay.show(view.steps)
        can_replay = view.status.is_over and bool(begun(view.steps))
        self._again.set_visibility(can_replay and not self._replay.is_open)
        self._pictures.show(view.steps, live=self._opens_pages and view.status in LIVE and not view.waits_until)
        next_try = await self._services.operations.status(who, view.retried_by) if view.retried_by else None
        asked, self._asked = self._asked, (_asks(view), next_try and _asks(next_try))
        if asked != self._asked:
            self._outcome.clear()
            with self._outcome:
                await self._draw_what_is_asked(view)
                with draw_outcome(view):
                    await draw_similar(self._services, view)
                    await Again(self._services, view, next_try).draw()
                if view.status.is_over:
                    self._draw_what_was_signed(await self._services.trail.receipt(who, view.id))

    def _draw_what_was_signed(self, signed: Checkpoint | None) -> None:
        """Whoever notes this can hold us to the record as it is now."""
        if signed:
            sentence(t("Recorded and signed: `{name}`"), "p", name=signed.name).classes("small second")

    async def _draw_what_is_asked(self, view: OperationView) -> None:
        """What a person has to do before it goes on, if anything."""
        if view.status is OperationStatus.AWAITING_CONSENT:
            await WaitingCard(self._services, view).draw()
        elif view.question:
            QuestionCard(self._services, view, view.question).draw()
        elif view.status is OperationStatus.AWAITING_INPUT:
            ApprovalCard(self._services, view, declined=self._declined).draw()

    def _draw_title(self, view: OperationView) -> None:
        one = self._integration
        with ui.element("div").classes("row"):
            heading(_doing(one))
            self._badge = badge(view.status)
        with ui.element("p").classes("second"):
            words(side_by_side(shop_of(view.store_url), one.in_short(frozenset(view.permissions))))
            self._allowed = words("")
            self._comma = words(", ")
            self._revoke = button(t("revoke"), self._ask_to_revoke, "link")
            self._revoke.classes(remove="button")
            self._receipt = ui.element("span")
            words(" · ")
            link(t("audit"), f"/audit?operation={view.id}")
        draw_try_before(view)
        for shown in (self._comma, self._revoke):
            shown.set_visibility(False)

    def _show_consent(self, who: Visitor) -> None:
        consent, decides = self._consent, may(who, Action.DECIDE_CONSENT)
        in_force = consent is not None and consent.in_force
        told = t(" · allowed until {day}", day=day(consent.expires_at)) if consent and in_force else ""
        self._allowed.set_text(told)
        self._comma.set_visibility(in_force and decides)
        self._revoke.set_visibility(in_force and decides)
        self._receipt.clear()
        if consent is not None:
            with self._receipt:
                words(" · ")
                link(t("receipt"), f"/api/autonomous/consent/{consent.id}/receipt")

    async def _ask_to_stop(self) -> None:
        question, follows = _if_stopped(self._integration)
        if await confirmed(question, follows, t("Stop it"), t("Go on")):
            with errors_shown():
                who = await acting(self._services)
                await self._services.operations.cancel(who, self._first.id, because="You stopped it.")

    async def _ask_to_revoke(self) -> None:
        if self._consent is None:
            return
        follows = t(
            "What runs under it stops at once. A key that was made stays in your shop until you revoke it there."
        )
        if await confirmed(t("Withdraw your consent?"), follows, t("Withdraw"), t("Keep it")):
            with errors_shown():
                who = await acting(self._services)
                self._consent = await self._services.consents.revoke(
                    who, self._consent.id, because="withdrawn while watching"
                )
                self._show_consent(who)
