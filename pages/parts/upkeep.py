"""What is done by itself for a connected shop: three switches, all off until somebody switches one on."""

from dataclasses import dataclass

from nicegui import ui

from core.database.states import CHECK, RESYNC
from core.operations.connections import Connection
from core.operations.consents import ConsentRequest
from core.operations.schedules import NewSchedule, Schedule
from core.security.consent.consent import ConsentMissing
from core.security.people.authorize import Action
from core.services import Services
from pages.parts.connected_shops import Leaving
from pages.parts.consent_sheet import ConsentDialog
from pages.parts.redrawn import redrawn
from pages.parts.times import day, minute
from pages.parts.words import address_of, button, heading, link, paragraph, shop_of, words
from pages.texts import later, t, tn
from pages.visitor import acting, allowed, circumstances, errors_shown, visitor

CALLED = {RESYNC: later("Bring products over again every day"), CHECK: later("Check the connection every hour")}
RENEWS = later("Renew the key every 90 days")
SHOPS = "/shops"  # the screen that this stands on


@dataclass(frozen=True)
class Switch:
    """One thing that can be done by itself, and how it stands if it is switched on."""

    connection: Connection
    operation: str
    now: Schedule | None

    @property
    def name(self) -> str:
        """What it does."""
        return t(CALLED.get(self.operation, RENEWS))

    @property
    def state(self) -> str:
        """How it stands, in a sentence."""
        if self.now is None:
            return t("Off.")
        if self.now.paused_because:
            return t("Paused. {because}", because=self.now.paused_because)
        return t("On, next {moment}.", moment=minute(self.now.next_at))


class Upkeep:
    """The switches of every connected shop, drawn anew after each action."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told = ""

    @redrawn
    async def draw(self) -> None:
        """A card a shop, and above them what stays at one that was just forgotten."""
        who = visitor()
        words(self._told, "p", "well").props("role=status")
        schedules, connected = await self._services.schedules.list(who), await self._services.connections.list(who)
        if not connected:
            _draw_nothing_yet()
        for one in connected:
            here = {each.operation: each for each in schedules if (each.service, each.store_url) == _place(one)}
            with ui.element("div").classes("card"):
                with ui.element("div").classes("row between"):
                    with ui.element("div").classes("stack"):
                        heading(t("{service} at {shop}", service=one.title, shop=shop_of(one.store_url)), 2)
                        _draw_key_and_products(one)
                        draw_trouble(one)
                    Leaving(self._services, one, self._forgotten).draw()
                for operation in (*one.upkeep, *filter(None, [one.made_by])):
                    self._draw(Switch(one, operation, here.get(operation)))

    def _forgotten(self, told: str) -> None:
        self._told = told
        self.draw.refresh()

    def _draw(self, switch: Switch) -> None:
        with ui.element("div").classes("row between"):
            with ui.element("div").classes("stack"):
                words(switch.name, "p", "strong")
                paragraph(switch.state, "second small")
                if switch.now and switch.now.held_up_by and not switch.now.paused_because:
                    age = self._age(switch.connection)
                    renew = tn("The key is {number} day old: renew it", "The key is {number} days old: renew it", age)
                    told = renew if switch.now.waits else t("Nothing is done before this is decided")
                    link(told, f"/operations/{switch.now.held_up_by}", "strong")
            if allowed(Action.OPERATE):
                with ui.element("div").classes("row"):
                    self._draw_buttons(switch)

    def _draw_buttons(self, switch: Switch) -> None:
        if switch.now is None or switch.now.paused_because:
            on = t("Switch on") if switch.now is None else t("Allow and go on")
            made = button(on, lambda: self._on(switch))
            made.props["aria-label"] = t("{action}: {what}", action=on, what=switch.name)
        if switch.now:
            off = t("Switch off")
            made = button(off, lambda: self._off(switch))
            made.props["aria-label"] = t("{action}: {what}", action=off, what=switch.name)

    def _age(self, one: Connection) -> int:
        return (self._services.clock.now() - one.made_at).days if one.made_at else 0

    async def _on(self, switch: Switch) -> None:
        """Switch it on; where nobody allows it yet, its consent is asked for first."""
        wanted = NewSchedule(switch.connection.service, switch.operation, switch.connection.store_url)
        with errors_shown():
            try:
                await self._services.schedules.add(await acting(self._services), wanted)
            except ConsentMissing:
                if not allowed(Action.DECIDE_CONSENT):
                    raise
                if not await self._agreed(wanted):
                    return
                await self._services.schedules.add(await acting(self._services), wanted)
            self.draw.refresh()

    async def _agreed(self, wanted: NewSchedule) -> bool:
        request = ConsentRequest(wanted.service, wanted.operation, wanted.store_url)
        sheet = self._services.consents.sheet(request)
        answer = await ConsentDialog(sheet, self._services.clock.now()).ask()
        if answer is None:
            return False
        who = await acting(self._services)
        if not answer.allowed:
            await self._services.consents.refuse(who, request, circumstances("consent-refuse", answer.shown_at))
            return False
        how = circumstances("consent-allow", answer.shown_at)
        await self._services.consents.agree(who, request, how, answer.refused(sheet))
        return True

    async def _off(self, switch: Switch) -> None:
        if switch.now is None:
            return
        with errors_shown():
            await self._services.schedules.remove(await acting(self._services), switch.now.id)
            self.draw.refresh()


def _draw_nothing_yet() -> None:
    with ui.element("div").classes("card empty"):
        heading(t("No shop is connected"), 2)
        paragraph(t("Once one is set up, you see its key and its products here, and can have both looked after."))


def _draw_key_and_products(one: Connection) -> None:
    with ui.element("p").classes("second small"):
        words(t("Key ending in {hint}, since {day}", hint=one.key_hint, day=day(one.made_at)))
        words(" · ")
        link(tn("{number} product", "{number} products", one.product_count), "/products")


async def draw_troubles(services: Services) -> None:
    """What is wrong with any key, each with its shop, before everything else."""
    for one in await services.connections.list(visitor()):
        if one.trouble:
            with ui.element("div").classes("card"):
                heading(t("{service} at {shop}", service=one.title, shop=shop_of(one.store_url)), 2)
                draw_trouble(one)


def draw_trouble(one: Connection) -> None:
    """What is wrong with the key, since when, and the way to a new one."""
    if not one.trouble:
        return
    with ui.element("div").classes("row").props("role=status"):
        words(t("Needs repair"), classes="badge failed")
        trouble, since = one.trouble.removesuffix("."), minute(one.trouble_since)
        words(t("{trouble}, since {moment}.", trouble=trouble, moment=since), classes="strong")
        if allowed(Action.OPERATE) and one.made_by:
            form = address_of("/set-up", service=one.service, operation=one.made_by, store=one.store_url)
            link(t("Repair"), form, "button accent")


def _place(one: Connection) -> tuple[str, str]:
    return one.service, one.store_url
