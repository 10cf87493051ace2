"""The demo's own screen: faults to switch, a setup to run, a tour, and a reset; there is none where the product runs for real."""

from fastapi.responses import RedirectResponse
from nicegui import ui

from core.demo.desk import DemoDesk
from core.services import Services
from pages.layout import frame
from pages.parts.confirm import confirmed
from pages.parts.demo_run import DemoRun
from pages.parts.fault_switches import FaultSwitches
from pages.parts.screen import screen
from pages.parts.tour import DEMO, NEWEST, TOUR, address_at
from pages.parts.words import address_of, button, heading, link, paragraph, shop_of, side_by_side, words
from pages.texts import t, tn
from pages.visitor import acting, errors_shown, visitor

OPERATIONS = "/operations"


def register(services: Services) -> None:
    """Put the screen up, where the product runs as a demo."""
    demo = services.demo
    if demo is None:
        return

    @screen(DEMO)
    async def demo_page() -> None:
        with frame(t("Demo"), DEMO):
            DemoScreen(services, demo)

    @screen(NEWEST)
    async def newest_page(tour: str = "") -> RedirectResponse:
        newest = await demo.newest(visitor())
        path = f"{OPERATIONS}/{newest.id}" if newest else OPERATIONS
        return RedirectResponse(address_of(path, **({TOUR: tour} if tour else {})))


class DemoScreen:
    """The screen; what is switched on it holds at once."""

    def __init__(self, services: Services, demo: DemoDesk) -> None:
        self._services = services
        self._demo = demo
        with ui.element("div").classes("head"):
            with ui.element("div"):
                heading(t("Demo"))
                paragraph(
                    t("A practice shop on this machine: without internet, without a key, with faults to switch on.")
                )
            link(t("Take the tour"), address_at(1), "button accent")
        with ui.element("div").classes("halves"):
            self._run = DemoRun(services, demo)
            self._draw_shop()
        self._switches = FaultSwitches(services, demo)

    def _draw_shop(self) -> None:
        with ui.element("section").classes("card").props("aria-labelledby=demo-shop"):
            heading(t("The practice shop"), 2).props("id=demo-shop")
            user, password = self._demo.shop_sign_in
            admin = shop_of(self._demo.setup.store_url) + "/wp-admin/"
            with ui.element("dl").classes("facts"):
                words(t("Address"), "dt")
                with ui.element("dd"):
                    words(admin, classes="mono")
                words(t("Sign-in"), "dt")
                with ui.element("dd"):
                    words(side_by_side(user, password), classes="mono")
            paragraph(t("Reset puts it back as it was at first, and forgets what was set up there."))
            button(t("Reset the demo"), self._ask_to_reset, "danger start")
            self._told = words("", "p", "well").props("role=status")

    async def _ask_to_reset(self) -> None:
        follows = t(
            "What runs there is stopped. Its keys, sign-ins and faults go, and so do its operations, connection and products.\n"
            "You stay signed in. The audit trail keeps everything, and records the reset."
        )
        self._told.set_text("")
        if not await confirmed(t("Reset the demo?"), follows, t("Reset it"), t("Keep it")):
            return
        with errors_shown():
            gone = await self._demo.reset(await acting(self._services))
            told = tn("{number} operation forgotten.", "{number} operations forgotten.", gone.operations)
            self._told.set_text(t("The shop is as at first. {told}", told=told))
        self._switches.show()
        self._run.show_pace()
