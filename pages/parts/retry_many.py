"""Several failed operations tried again at once: ticks on a list, a dialog that says what follows, and what came of each."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from nicegui import ui

from core.database.states import OperationStatus
from core.operations.bulk_retries import RetryOutcome
from core.operations.run_filter import RunFilter
from core.operations.runs import MOST_AT_ONCE
from core.security.people.staff_access import LONGEST_REASON, SHORTEST_REASON
from core.services import Services
from pages.parts.handlers import TICKED
from pages.parts.sheets import Unanswered, answer_of, choice, sheet_for
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, link, paragraph, side_by_side, words
from pages.texts import t, tn
from pages.visitor import acting, errors_shown, visitor


class RetryMany:
    """What is ticked on one list, and the button that tries it again; nothing is shown where nothing can be ticked."""

    def __init__(
        self, services: Services, wanted: RunFilter, done: Callable[[], Awaitable[None]], *, of_all: bool
    ) -> None:
        self._services = services
        self._wanted = wanted
        self._done = done
        self._of_all = of_all
        self._boxes: dict[UUID, ui.element] = {}
        self._names: dict[UUID, str] = {}
        self._ticked: dict[UUID, None] = {}
        with ui.element("div").classes("row ticking") as self._bar:
            self._bar.props["role"], self._bar.props["aria-label"] = "group", t("Try several again")
            button(t("Tick this page"), self._tick_page)
            button(t("Tick all that fit"), self._tick_all)
            self._none = button(t("Tick none"), self._tick_none)
            self._press = button("", self._ask, "accent")
            with self._press:
                self._count = words("")
        self._came_of_it = ui.element("div").props("role=status")
        self._show()

    def draw_box(self, operation_id: UUID, name: str) -> ui.element:
        """The tick of one line, seen only if it can be tried again."""
        box = ui.element("input").props("type=checkbox").classes("tick")
        box.props["aria-label"], box.props["checked"] = t("Try again: {name}", name=name), operation_id in self._ticked
        box.on("change", lambda event: self._tick(operation_id, ticked=bool(event.args)), js_handler=TICKED)
        self._names[operation_id] = name
        return box

    def offer(self, operation_id: UUID, box: ui.element, *, can_be_tried: bool) -> None:
        """What a line has to offer now; what was tried meanwhile is not ticked any more."""
        box.set_visibility(can_be_tried)
        if can_be_tried:
            self._boxes[operation_id] = box
        else:
            self.forget(operation_id)
        self._show()

    def forget(self, operation_id: UUID) -> None:
        """A line is gone."""
        self._boxes.pop(operation_id, None)
        self._ticked.pop(operation_id, None)

    def _tick(self, operation_id: UUID, *, ticked: bool) -> None:
        if not ticked:
            self._ticked.pop(operation_id, None)
        elif len(self._ticked) < MOST_AT_ONCE:
            self._ticked[operation_id] = None
        else:
            ui.notify(t("No more than {number} are tried at once.", number=MOST_AT_ONCE), position="top")
            self._boxes[operation_id].run_method(
                "click"
            )  # it was never ticked for us: nothing else takes the tick away
        self._show()

    def _tick_page(self) -> None:
        self._ticked = dict.fromkeys(self._boxes)
        self._show()

    async def _tick_all(self) -> None:
        with errors_shown():
            self._ticked = dict.fromkeys(
                await self._services.runs.to_try_again(await acting(self._services), self._wanted)
            )
        self._show()

    def _tick_none(self) -> None:
        self._ticked = {}
        self._show()

    def _show(self) -> None:
        for operation_id, box in self._boxes.items():
            box.props["checked"] = operation_id in self._ticked
        number = len(self._ticked)
        self._bar.set_visibility(bool(self._boxes))
        for shown in (self._press, self._none):
            shown.set_visibility(number > 0)
        self._count.set_text(tn("Try {number} again", "Try {number} again", number))

    async def _ask(self) -> None:
        ids = tuple(self._ticked)
        because = await RetryDialog(len(ids), of_all=self._of_all).ask()
        if because is None:
            return
        with errors_shown():
            came_of_it = await self._services.bulk_retries.retry(await acting(self._services), ids, because)
            self._ticked = {}
            self._draw(came_of_it)
            await self._done()
            self._show()

    def _draw(self, came_of_it: tuple[RetryOutcome, ...]) -> None:
        self._came_of_it.clear()
        with self._came_of_it, ui.element("div").classes("card"):
            heading(_in_short(came_of_it), 2)
            with ui.element("ul").classes("outcomes"):
                for one in came_of_it:
                    with ui.element("li"):
                        self._draw_one(one)

    def _draw_one(self, one: RetryOutcome) -> None:
        words(
            self._names.get(one.operation_id) or t("Operation {start}", start=one.operation_id.hex[:8]),
            classes="strong",
        )
        if one.again is None or one.status is None:
            words(t(" · Not tried: {why}", why=one.because), classes="second")
            return
        for piece in (" · ", one.status.words, " · "):
            words(piece, classes="second")
        link(t("See that try"), address_for(one.customer_id, one.again))


def _in_short(came_of_it: tuple[RetryOutcome, ...]) -> str:
    """How many are tried; one that only waits for consent is not, yet."""
    waiting = sum(one.status is OperationStatus.AWAITING_CONSENT for one in came_of_it)
    begun = sum(one.again is not None for one in came_of_it) - waiting
    told = tn("{begun} of {number} is tried again", "{begun} of {number} are tried again", len(came_of_it), begun=begun)
    if not waiting:
        return told
    return side_by_side(told, tn("{number} waits for your consent", "{number} wait for your consent", waiting))


class RetryDialog:
    """Says how many, and what it needs; staff say why."""

    def __init__(self, number: int, *, of_all: bool) -> None:
        self._number = number
        self._of_all = of_all

    async def ask(self) -> str | None:
        """The reason, empty for one's own; None if it was left."""
        question = tn("Try {number} operation again?", "Try {number} operations again?", self._number)
        with sheet_for(question) as self._dialog:
            (self._draw_for_staff if self._of_all else self._draw_own)()
            with choice():
                button(t("Leave it"), lambda: self._dialog.submit(None))
                button(t("Try again"), self._take, "accent")
        answer = await answer_of(self._dialog)
        if answer is not Unanswered.WENT_AWAY:
            forget_typed()
        return answer if isinstance(answer, str) else None

    def _draw_own(self) -> None:
        paragraph(t("Each goes as far as it was allowed before, under the consent there is now."))
        paragraph(t("Where that has ended, or the sign-in is not stored any more, it waits for you and asks."))

    def _draw_for_staff(self) -> None:
        paragraph(
            t("Each begins under its own customer's consent, as far as that goes, with the sign-in they have stored.")
        )
        paragraph(
            t("Where either is missing nothing begins, and you are told. They wait in the queue as all others do.")
        )
        paragraph(t("Your reason stands in each customer's audit, at once and for good. Write it for them."))
        with ui.element("div").classes("field"):
            words(t("Why"), "label").props("for=retry-reason")
            self._reason = ui.textarea().props(f"outlined dense autogrow hide-bottom-space for=retry-reason {KEEP}")
            self._reason.props["maxlength"] = LONGEST_REASON
            self._reason.props["placeholder"] = t(
                "Shops of this host answered again at noon: what failed meanwhile is tried"
            )
        self._refusal = words("", "p", "refusal").props("role=alert")

    def _take(self) -> None:
        reason = " ".join((self._reason.value or "").split()) if self._of_all else ""
        if self._of_all and len(reason) < SHORTEST_REASON:
            told = t("Write a reason that the customer understands: {least} letters or more.", least=SHORTEST_REASON)
            self._refusal.set_text(told)
            return
        self._dialog.submit(reason)


def address_for(customer_id: UUID | None, operation_id: UUID) -> str:
    """Where whoever looks sees an operation: of another customer by an access, which is asked for on the way."""
    if customer_id in {None, visitor().customer_id}:
        return f"/operations/{operation_id}"
    return f"/customers/{customer_id}/operations/{operation_id}"
