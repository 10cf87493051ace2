"""For staff: which customers there are, and a way to look at one's data, for a reason and for a while."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from nicegui import ui

from core.errors import NotSignedIn
from core.security.people.authorize import Action, may
from core.security.people.customer_list import LONGEST_NAME, CustomerPage, CustomerView
from core.security.people.staff_access import LONGEST_REASON, SHORTEST_REASON, Access
from core.services import Services
from pages.layout import frame
from pages.parts.looking import CUSTOMERS, is_shown
from pages.parts.paging import draw_pages, last_page, page_asked_for
from pages.parts.redrawn import redrawn
from pages.parts.screen import screen
from pages.parts.sheets import Unanswered, answer_of, choice, sheet_for
from pages.parts.times import day, time_of_day
from pages.parts.typed import KEEP, forget_typed
from pages.parts.words import button, heading, link, paragraph, words
from pages.texts import later, t, tn
from pages.trouble import refused
from pages.visitor import acting, errors_shown, visitor

SHOWN = 50  # customers on one screen
DURATIONS = {
    15: later("15 minutes"),
    30: later("30 minutes"),
    60: later("1 hour"),
    120: later("2 hours"),
    240: later("4 hours"),
}
USUAL = 30  # minutes


def register(services: Services) -> None:
    """Put the screen up."""

    @screen(CUSTOMERS)
    async def customers_page(
        q: str = "", page: str = "", ended: str = "", wanted: Annotated[str, Query(alias="next")] = ""
    ) -> None:
        if not may(visitor(), Action.SEE_ALL_CUSTOMERS):
            refused(t("This is for staff"), t("What is stored of your own company is under Settings."))
            return
        with frame(t("Customers"), CUSTOMERS):
            with ui.element("div").classes("stack"):
                heading(t("Customers"))
                paragraph(
                    t(
                        "Nobody of staff sees a customer's data by their role. Say why, and for how long; the customer "
                        "finds both in their audit."
                    )
                )
            if ended:
                told = t("You have no access to this customer's data now. Open one, if there is a reason.")
                words(told, "p", "refusal").props("role=status")
            await OpenAccesses(services).draw()
            customers = CustomerList(services, q.strip()[:LONGEST_NAME], page_asked_for(page))
            await customers.draw()
            customer = _id(ended)
            if customer and is_shown(wanted):
                ui.timer(0, lambda: customers.ask_for(customer, wanted), once=True)


class OpenAccesses:
    """What whoever looks has open now, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @redrawn
    async def draw(self) -> None:
        """The list; nothing, if nothing is open."""
        accesses = await self._services.staff_access.mine(visitor())
        if not accesses:
            return
        with ui.element("div").classes("card rows").props("role=region") as card:
            card.props["aria-label"] = t("What you have open")
            for access in accesses:
                self._line(access)

    def _line(self, access: Access) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(access.customer, classes="strong")
                    words(_left(access.left), classes="badge unusual")
                until = time_of_day(access.expires_at)
                paragraph(t("until {time}, because: “{reason}”", time=until, reason=access.reason), "second small")
            with ui.element("div").classes("row"):
                link(t("Look"), f"/customers/{access.customer_id}/operations", "button accent")
                button(t("End it"), lambda: self._end(access))

    async def _end(self, access: Access) -> None:
        with errors_shown():
            await self._services.staff_access.end(await acting(self._services), access.customer_id, access.id)
        self.draw.refresh()


class CustomerList:
    """The customers whose names have these words, by name, a page of them."""

    def __init__(self, services: Services, wanted: str, at: int) -> None:
        self._services = services
        self._wanted = wanted
        self._at = at

    async def draw(self) -> None:
        """A search, and the list."""
        found = await self._look()
        last = last_page(found.total, SHOWN)
        if self._at > last:  # an old address
            self._at = last
            found = await self._look()
        self._draw_search(found)
        if not found.customers:
            _draw_nobody()
            return
        with ui.element("div").classes("card rows"):
            for one in found.customers:
                self._line(one)
        draw_pages(CUSTOMERS, self._at, last, **({"q": self._wanted} if self._wanted else {}))

    async def _look(self) -> CustomerPage:
        skip = (self._at - 1) * SHOWN
        return await self._services.staff_access.customers(visitor(), self._wanted, SHOWN, skip)

    async def ask_for(self, customer_id: UUID, then: str) -> None:
        """Ask for an access to one customer, for whoever came here to look at something of theirs."""
        try:
            who = await acting(self._services)
        except NotSignedIn:  # whoever has signed out meanwhile is led away
            return
        one = await self._services.staff_access.customer(who, customer_id)
        if one and one.deleted_at is None and one.id != who.customer_id:
            await self._ask(one, then)

    def _draw_search(self, found: CustomerPage) -> None:
        with ui.element("form").props(f"method=get action={CUSTOMERS} role=search").classes("row"):
            with ui.element("div").classes("field grow"):
                box = ui.element("input").props("name=q type=search")
                box.props["maxlength"] = LONGEST_NAME
                box.props["value"] = self._wanted
                box.props["aria-label"], box.props["placeholder"] = t("Search customers"), t("Tea Shop")
            with ui.element("button").props("type=submit").classes("button"):
                words(t("Search"))
        told = tn("{number} customer", "{number} customers", found.total)
        if found.total > len(found.customers) > 0:
            first = (self._at - 1) * SHOWN + 1
            told = t("{found}, {first} to {last}", found=told, first=first, last=first + len(found.customers) - 1)
        paragraph(told).props("role=status")

    def _line(self, one: CustomerView) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                words(one.name, "p", "strong")
                paragraph(_known(one), "second small num")
            if one.id == visitor().customer_id:
                paragraph(t("your own"), "third small")
            elif one.deleted_at is None:
                look = button(t("Look at their data"), lambda: self._ask(one))
                look.props["aria-label"] = t("Look at {name}'s data", name=one.name)

    async def _ask(self, one: CustomerView, then: str = "/operations") -> None:
        asked = await AccessDialog(one).ask()
        if asked is None:
            return
        with errors_shown():
            who, desk = await acting(self._services), self._services.staff_access
            await desk.open(who, one.id, asked.reason, asked.duration)
            ui.navigate.to(f"/customers/{one.id}{then}")


@dataclass(frozen=True)
class Asked:
    """Why somebody wants to look, and for how long."""

    reason: str
    duration: timedelta


class AccessDialog:
    """Asks why, and for how long; what is no reason is told at once."""

    def __init__(self, customer: CustomerView) -> None:
        self._customer_id = customer.id
        self._question = t("Look at {name}'s data?", name=customer.name)

    async def ask(self) -> Asked | None:
        """What was asked for; None if it was left."""
        with sheet_for(self._question) as self._dialog:
            self._draw()
        answer = await answer_of(self._dialog)
        if answer is not Unanswered.WENT_AWAY:
            forget_typed()
        return answer if isinstance(answer, Asked) else None

    def _draw(self) -> None:
        paragraph(t("You see their operations, products, consents and audit, and change nothing."))
        paragraph(t("Your reason stands in their audit, at once and for good. Write it for them."))
        with ui.element("div").classes("field"):
            name = f"access-reason-{self._customer_id.hex[:8]}"
            words(t("Why"), "label").props(f"for={name}")
            self._reason = ui.textarea().props(f"outlined dense autogrow hide-bottom-space for={name} {KEEP}")
            self._reason.props["maxlength"] = LONGEST_REASON
            self._reason.props["placeholder"] = t("Ticket 4711: the setup stops at the second page")
        with ui.element("div").classes("field"):
            words(t("For how long"), "label").props("for=access-minutes")
            self._minutes = ui.select({minutes: t(told) for minutes, told in DURATIONS.items()}, value=USUAL).props(
                "outlined dense for=access-minutes"
            )
        self._refusal = words("", "p", "refusal").props("role=alert")
        with choice():
            button(t("Leave it"), lambda: self._dialog.submit(None))
            button(t("Look"), self._take, "accent")

    def _take(self) -> None:
        reason = " ".join((self._reason.value or "").split())
        if len(reason) < SHORTEST_REASON:
            told = t("Write a reason that the customer understands: {least} letters or more.", least=SHORTEST_REASON)
            self._refusal.set_text(told)
            return
        self._dialog.submit(Asked(reason, timedelta(minutes=self._minutes.value or USUAL)))


def _draw_nobody() -> None:
    with ui.element("div").classes("card empty"):
        heading(t("Nobody fits"), 2)
        paragraph(t("No customer's name has these words."))
        link(t("All customers"), CUSTOMERS, "button")


def _id(text: str) -> UUID | None:
    """A customer's id from the address; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _known(one: CustomerView) -> str:
    """What staff may know of a customer without an access: the counts that statistics have, too."""
    if one.deleted_at:
        return t("deleted {day}", day=day(one.deleted_at))
    return tn(
        "since {day} · {number} operation, {open} under way, {failed} failed",
        "since {day} · {number} operations, {open} under way, {failed} failed",
        one.operations,
        day=day(one.created_at),
        open=one.open or t("none"),
        failed=one.failed or t("none"),
    )


def _left(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    if not minutes:
        return t("ends within a minute")
    return tn("{number} minute left", "{number} minutes left", minutes)
