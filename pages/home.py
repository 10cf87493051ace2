"""Home: what needs somebody, what is running, and what is connected; for staff, of all customers in numbers."""

from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from core.catalog.catalog import ConnectionView
from core.database.states import OperationStatus
from core.operations.connections import Connection
from core.operations.overview import CustomersOverview, Overview
from core.operations.schedules import Schedule
from core.operations.views import OperationView
from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor
from core.services import Services
from pages.layout import frame
from pages.parts.all_customers import AllCustomers
from pages.parts.progress_bar import ProgressBar
from pages.parts.screen import screen
from pages.parts.setup_words import IN_TWO_MINUTES, WITH_THE_AGENT, draw_what_happens
from pages.parts.times import minute
from pages.parts.tour import draw_invitation
from pages.parts.upkeep import CALLED, RENEWS, SHOPS, draw_trouble
from pages.parts.watch import Watch
from pages.parts.words import address_of, badge, heading, link, paragraph, seconds, shop_of, side_by_side, words
from pages.texts import later, t, tn
from pages.visitor import allowed, visitor

SET_UP = "/set-up"
WAITS_FOR = {
    OperationStatus.AWAITING_CONSENT: later("Read what it will do, and allow it or not."),
    OperationStatus.AWAITING_INPUT: later("It asks something of you, and goes on once you have answered."),
}


@dataclass(frozen=True)
class Standing:
    """All that the screen tells."""

    overview: Overview
    connections: tuple[Connection, ...]
    catalog: tuple[ConnectionView, ...]
    schedules: tuple[Schedule, ...]

    @property
    def troubled(self) -> tuple[Connection, ...]:
        """The shops whose key is not what it should be."""
        return tuple(one for one in self.connections if one.trouble)

    @property
    def paused(self) -> tuple[Schedule, ...]:
        """What is not done by itself any more, until somebody allows it anew."""
        return tuple(one for one in self.schedules if one.paused_because)

    @property
    def needs(self) -> int:
        """How many things need somebody."""
        return sum(map(len, (self.overview.waiting, self.overview.failed, self.troubled, self.paused)))

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides on what is drawn; but for how far the running ones are."""
        running = tuple((one.id, one.status) for one in self.overview.running)
        return (
            self.overview.waiting,
            self.overview.failed,
            self.overview.done,
            running,
            self.connections,
            self.schedules,
        )


def register(services: Services) -> None:
    """Put the screen up."""

    @screen("/")
    async def home_page() -> None:
        who = visitor()
        standing = await standing_of(services, who)
        of_all = await services.overview.look_at_all(who) if may(who, Action.SEE_ALL_CUSTOMERS) else None
        with frame(t("Home"), "/"):
            draw_invitation()
            HomeScreen(services, standing, of_all)


async def standing_of(services: Services, who: Visitor) -> Standing:
    """How everything stands."""
    return Standing(
        await services.overview.look(who),
        await services.connections.list(who),
        await services.catalog.connections(who),
        await services.schedules.list(who),
    )


class HomeScreen:
    """The screen; it is drawn anew when something begins, ends or needs somebody, and its bars move meanwhile."""

    def __init__(self, services: Services, standing: Standing, of_all: CustomersOverview | None) -> None:
        self._services = services
        self._client = ui.context.client
        self._bars: dict[UUID, ProgressBar] = {}
        self._shape: tuple[object, ...] = ()
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Home"))
                self._summary = paragraph("").props("role=status")
            if allowed(Action.OPERATE):
                link(t("Set up a service"), SET_UP, "button accent")
        if of_all:
            AllCustomers(services, of_all)
        self._body = ui.element("div").classes("stack home")
        self._show(visitor(), standing)
        Watch(services, self._look)

    async def _look(self, who: Visitor) -> None:
        standing = await standing_of(self._services, who)
        if not self._client.is_deleted:
            self._show(who, standing)

    def _show(self, who: Visitor, standing: Standing) -> None:
        if standing.shape != self._shape:
            self._shape = standing.shape
            self._summary.set_text(_summary(standing))
            self._body.clear()
            self._bars.clear()
            with self._body:
                self._draw(who, standing)
        for one in standing.overview.running:
            self._bars[one.id].show(one)

    def _draw(self, who: Visitor, standing: Standing) -> None:
        if standing.overview.is_empty and not standing.connections:
            _draw_first_steps(who)
            return
        self._draw_needs(who, standing)
        self._draw_running(standing.overview.running)
        self._draw_connected(standing)
        self._draw_done(standing.overview.done)

    def _draw_needs(self, who: Visitor, standing: Standing) -> None:
        if not standing.needs:
            return
        with _section(t("Needs you"), "needs"), ui.element("div").classes("card rows"):
            for one in standing.overview.waiting:
                self._line(one, t(WAITS_FOR[one.status]), t("Open"))
            for connection in standing.troubled:
                with ui.element("div").classes("item"):
                    words(side_by_side(connection.title, shop_of(connection.store_url)), classes="strong")
                    draw_trouble(connection)
            for schedule in standing.paused:
                _draw_paused(schedule, may(who, Action.OPERATE))
            for one in standing.overview.failed:
                self._line(one, one.failure.sentence if one.failure else "", t("See what to do"))

    def _line(self, view: OperationView, told: str, action: str) -> None:
        with ui.element("div").classes("item"):
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("row"):
                    words(self._title(view), classes="strong")
                    badge(view.status)
                paragraph(told)
            named = link(action, f"/operations/{view.id}", "button")
            named.props["aria-label"] = t("{action}: {what}", action=action, what=self._title(view))

    def _draw_running(self, running: tuple[OperationView, ...]) -> None:
        if not running:
            return
        with _section(t("Running"), "running"), ui.element("div").classes("card rows"):
            for view in running:
                with ui.element("div").classes("item"), ui.element("div").classes("stack grow"):
                    with ui.element("div").classes("row"):
                        link(self._title(view), f"/operations/{view.id}", "strong")
                        badge(view.status)
                    self._bars[view.id] = ProgressBar(t("Progress of {what}", what=self._title(view)))

    def _draw_connected(self, standing: Standing) -> None:
        synced = {one.id: one for one in standing.catalog}
        with _section(t("Connected"), "connected"):
            if not standing.connections:
                paragraph(t("No shop is connected yet."))
                return
            with ui.element("div").classes("cards"):
                for one in standing.connections:
                    _draw_connection(one, synced.get(one.id))

    def _draw_done(self, done: tuple[OperationView, ...]) -> None:
        if not done:
            return
        with _section(t("Done lately"), "done"), ui.element("div").classes("card rows"):
            for view in done:
                with ui.element("div").classes("item"):
                    with ui.element("div").classes("stack"):
                        link(self._title(view), f"/operations/{view.id}", "strong")
                        paragraph(_came_of(view))
                    paragraph(minute(view.finished_at), "third small num")
            with ui.element("div").classes("item"):
                link(t("All operations"), "/operations")

    def _title(self, view: OperationView) -> str:
        title = self._services.integrations.get(view.service, view.operation).title
        return t("{service} at {shop}", service=title, shop=shop_of(view.store_url))


def _section(title: str, name: str) -> ui.element:
    section = ui.element("section").classes("stack section").props(f"aria-labelledby=home-{name}")
    with section:
        heading(title, 2).props(f"id=home-{name}")
    return section


def _summary(standing: Standing) -> str:
    connected = tn("{number} shop connected", "{number} shops connected", len(standing.connections))
    needs = tn("{number} thing needs you", "{number} things need you", standing.needs)
    running = [tn("{number} running", "{number} running", number)] if (number := len(standing.overview.running)) else []
    return side_by_side(connected, *running, needs if standing.needs else t("nothing needs you"))


def _came_of(view: OperationView) -> str:
    said = view.result.said if view.result else ""
    return t("{said} It took {time}.", said=said, time=seconds(view.seconds)) if view.seconds is not None else said


def _draw_connection(one: Connection, synced: ConnectionView | None) -> None:
    with ui.element("div").classes("card"):
        with ui.element("div").classes("stack"):
            words(shop_of(one.store_url), "h3")
            paragraph(t("{service} · key ending in {hint}", service=one.title, hint=one.key_hint), "second small")
        if synced and synced.synced_at:
            with ui.element("p"):
                link(tn("{number} product", "{number} products", one.product_count), "/products")
                words(t(" · brought over {moment}", moment=minute(synced.synced_at)), classes="second")
        with ui.element("p").classes("small"):
            link(t("What is done by itself"), SHOPS)


def _draw_paused(schedule: Schedule, operates: bool) -> None:
    name = t(CALLED.get(schedule.operation, RENEWS))
    with ui.element("div").classes("item"):
        with ui.element("div").classes("stack"):
            words(side_by_side(name, shop_of(schedule.store_url)), "p", "strong")
            paragraph(t("Paused. {because}", because=schedule.paused_because))
        if operates:
            link(t("Allow and go on"), SHOPS, "button")


def _draw_first_steps(who: Visitor) -> None:
    with ui.element("div").classes("card empty"):
        heading(t("Nothing is connected yet"), 2)
        paragraph(t(IN_TWO_MINUTES))
        if may(who, Action.OPERATE):
            link(t("Set up your first service"), address_of(SET_UP), "button full")
        else:
            paragraph(t("An owner of your company sets services up."))
    with ui.element("div").classes("card"):
        draw_what_happens(WITH_THE_AGENT)
