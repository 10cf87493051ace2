"""For staff: which customers there are, and a way to look at one's data, for a reason and for a while."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Query
from nicegui import ui

from core.security.people.authorize import Action, may
from core.security.people.staff_access import LONGEST_REASON, SHORTEST_REASON, Access, CustomerView
from core.services import Services
from pages.layout import frame
from pages.parts.looking import CUSTOMERS, is_shown
from pages.parts.times import day, time_of_day
from pages.parts.words import button, count, heading, link, paragraph, words
from pages.trouble import refused
from pages.visitor import acting, errors_shown, visitor

SHOWN = 50  # customers on one screen
DURATIONS = {15: "15 minutes", 30: "30 minutes", 60: "1 hour", 120: "2 hours", 240: "4 hours"}
USUAL = 30  # minutes


def register(services: Services) -> None:
    """Put the screen up."""

    @ui.page(CUSTOMERS)
    async def customers_page(q: str = "", ended: str = "", wanted: Annotated[str, Query(alias="next")] = "") -> None:
        if not may(visitor(), Action.SEE_ALL_CUSTOMERS):
            refused("This is for staff", "What is stored of your own company is under Settings.")
            return
        with frame("Customers", CUSTOMERS):
            with ui.element("div").classes("stack"):
                heading("Customers")
                paragraph(
                    "Nobody of staff sees a customer's data by their role. Say why, and for how long; the customer "
                    "finds both in their audit."
                )
            if ended:
                told = "You have no access to this customer's data now. Open one, if there is a reason."
                words(told, "p", "refusal").props("role=status")
            await OpenAccesses(services).draw()
            customers = CustomerList(services, q.strip())
            await customers.draw()
            if ended and is_shown(wanted):
                ui.timer(0, lambda: customers.ask_for(ended, wanted), once=True)


class OpenAccesses:
    """What whoever looks has open now, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @ui.refreshable_method
    async def draw(self) -> None:
        """The list; nothing, if nothing is open."""
        accesses = await self._services.staff_access.mine(visitor())
        if not accesses:
            return
        with ui.element("div").classes("card rows").props('role=region aria-label="What you have open"'):
            for access in accesses:
                self._line(access)

    def _line(self, access: Access) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(access.customer, classes="strong")
                    words(_left(access.left), classes="badge unusual")
                paragraph(f"until {time_of_day(access.expires_at)}, because: “{access.reason}”", "second small")
            with ui.element("div").classes("row"):
                link("Look", f"/customers/{access.customer_id}/operations", "button accent")
                button("End it", lambda: self._end(access))

    async def _end(self, access: Access) -> None:
        with errors_shown():
            await self._services.staff_access.end(await acting(self._services), access.customer_id, access.id)
        self.draw.refresh()


class CustomerList:
    """The customers whose names have these words, by name."""

    def __init__(self, services: Services, wanted: str) -> None:
        self._services = services
        self._wanted = wanted

    async def draw(self) -> None:
        """A search, and the list."""
        every = await self._services.staff_access.customers(visitor())
        found = [one for one in every if self._wanted.casefold() in one.name.casefold()]
        self._draw_search(len(found))
        if found:
            with ui.element("div").classes("card rows"):
                for one in found[:SHOWN]:
                    self._line(one)

    async def ask_for(self, customer_id: str, then: str) -> None:
        """Ask for an access to one customer, for whoever came here to look at something of theirs."""
        for one in await self._services.staff_access.customers(await acting(self._services)):
            if str(one.id) == customer_id and one.deleted_at is None and one.id != visitor().customer_id:
                await self._ask(one, then)

    def _draw_search(self, found: int) -> None:
        with ui.element("form").props(f"method=get action={CUSTOMERS} role=search").classes("row"):
            with ui.element("div").classes("field grow"):
                box = ui.element("input").props('name=q type=search aria-label="Search customers" maxlength=200')
                box.props["value"], box.props["placeholder"] = self._wanted, "Tea Shop"
            with ui.element("button").props("type=submit").classes("button"):
                words("Search")
        first = f", the first {SHOWN}" if found > SHOWN else ""
        paragraph(f"{count(found, 'customer')}{first}").props("role=status")

    def _line(self, one: CustomerView) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                words(one.name, "p", "strong")
                paragraph(_known(one), "second small num")
            if one.id == visitor().customer_id:
                paragraph("your own", "third small")
            elif one.deleted_at is None:
                button("Look at their data", lambda: self._ask(one)).props["aria-label"] = f"Look at {one.name}'s data"

    async def _ask(self, one: CustomerView, then: str = "/operations") -> None:
        asked = await AccessDialog(one.name).ask()
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

    def __init__(self, name: str) -> None:
        self._name = name

    async def ask(self) -> Asked | None:
        """What was asked for; None if it was left."""
        with ui.dialog().props("no-backdrop-dismiss transition-duration=0") as self._dialog:
            self._dialog.props["aria-label"] = f"Look at {self._name}'s data?"
            with ui.element("div").classes("sheet"):
                self._draw()
        answer = await self._dialog
        self._dialog.delete()
        return answer if isinstance(answer, Asked) else None

    def _draw(self) -> None:
        heading(f"Look at {self._name}'s data?", 2)
        paragraph("You see their operations, products, consents and audit, and change nothing.")
        paragraph("Your reason stands in their audit, at once and for good. Write it for them.")
        with ui.element("div").classes("field"):
            words("Why", "label").props("for=access-reason")
            self._reason = ui.textarea().props("outlined dense autogrow hide-bottom-space for=access-reason")
            self._reason.props["maxlength"] = LONGEST_REASON
            self._reason.props["placeholder"] = "Ticket 4711: the setup stops at the second page"
        with ui.element("div").classes("field"):
            words("For how long", "label").props("for=access-minutes")
            self._minutes = ui.select(DURATIONS, value=USUAL).props("outlined dense for=access-minutes")
        self._refusal = words("", "p", "refusal").props("role=alert")
        with ui.element("div").classes("choice"):
            button("Leave it", lambda: self._dialog.submit(None))
            button("Look", self._take, "accent")

    def _take(self) -> None:
        reason = " ".join((self._reason.value or "").split())
        if len(reason) < SHORTEST_REASON:
            self._refusal.set_text(f"Write a reason that the customer understands: {SHORTEST_REASON} letters or more.")
            return
        self._dialog.submit(Asked(reason, timedelta(minutes=self._minutes.value or USUAL)))


def _known(one: CustomerView) -> str:
    """What staff may know of a customer without an access: the counts that statistics have, too."""
    if one.deleted_at:
        return f"deleted {day(one.deleted_at)}"
    setups = count(one.operations, "operation")
    return f"since {day(one.created_at)} · {setups}, {one.open or 'none'} under way, {one.failed or 'none'} failed"


def _left(left: timedelta) -> str:
    minutes = int(left.total_seconds() // 60)
    return f"{count(minutes, 'minute')} left" if minutes else "ends within a minute"
