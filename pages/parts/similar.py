"""How often it failed like this of late, on the page of a failed operation: whether it is this shop, or many."""

from nicegui import ui

from core.database.states import KEEPS_UP, OperationStatus
from core.operations.run_filter import Kind, Standing
from core.operations.similar_failures import DAYS, Similar
from core.operations.views import OperationView
from core.security.people.authorize import Action, may
from core.security.people.sessions import COOKIE
from core.security.people.visitor import Visitor
from core.services import Services
from pages.parts.run_filters import HERE
from pages.parts.times import day, minute
from pages.parts.words import address_of, grouped, words
from pages.texts import t, tn
from pages.visitor import looking, visitor


async def draw_similar(services: Services, view: OperationView) -> None:
    """Nothing for what did not fail. Staff are told of all customers; by numbers alone, also without an access."""
    if view.failure is None or view.status is not OperationStatus.FAILED:
        return
    who = await _themselves(services)
    of_all = may(who, Action.SEE_ALL_CUSTOMERS)
    found = await services.runs.similar(who, view)
    with ui.element("p").classes("second similar"):
        words(_told(found, of_all=of_all))
        if found.runs > 1:
            words(" ")
            # No link of NiceGUI's: that would stand below the customer's whose data is looked at.
            words(t("See them all") if of_all else t("See them"), "a").props["href"] = _address(view)


async def _themselves(services: Services) -> Visitor:
    """Who looks, as they are by themselves: by an access one is a customer's auditor, who knows of no other customer."""
    client = ui.context.client
    if looking(client) is None:
        return visitor()
    return await services.sessions.visitor_of(client.request.cookies.get(COOKIE, "")) or visitor()


def _told(found: Similar, *, of_all: bool) -> str:
    if found.runs <= 1:  # none, if it is older than that itself
        whose = t("of any customer") if of_all else t("of yours")
        return t("No other {whose} failed like this within {days} days.", whose=whose, days=DAYS)
    shops = tn("{number} shop", "{number} shops", found.shops)
    return t(
        "{runs} failed like this at {shops} within {days} days: first on {first}, last on {last}.",
        runs=grouped(found.runs),
        shops=shops,
        days=DAYS,
        first=day(found.first),
        last=minute(found.last),
    )


def _address(view: OperationView) -> str:
    """The list of those that failed for this reason in this service."""
    code = view.failure.code if view.failure else ""
    query = {"status": Standing.FAILED.value, "service": view.service, "failure": code, "days": str(DAYS)}
    if view.operation in KEEPS_UP:
        query["kind"] = Kind.UPKEEP.value
    return address_of(HERE, **query)
