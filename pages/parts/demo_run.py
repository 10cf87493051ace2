"""One click that sets the practice shop up, as slowly as people can follow; with the real consent, or by the demo's word."""

from dataclasses import replace

from nicegui import ui

from core.demo.desk import DemoDesk
from core.demo.practice_room import PACES
from core.errors import CoreError
from core.operations.views import OperationView
from core.security.consent.agreement import Purpose, Surface
from core.services import Services
from pages.parts.consent_sheet import ConsentDialog
from pages.parts.handlers import TICKED, TYPED
from pages.parts.words import heading, paragraph, shop_of, words
from pages.texts import t
from pages.visitor import acting, circumstances, errors_shown


class DemoRun:
    """The card. A setup that is under way already is led to, instead of begun once more."""

    def __init__(self, services: Services, demo: DemoDesk) -> None:
        self._services = services
        self._demo = demo
        self._skips = False
        self._paces: dict[float, ui.element] = {}
        with ui.element("section").classes("card").props("aria-labelledby=demo-run"):
            heading(t("Run it"), 2).props("id=demo-run")
            paragraph(t("Sets {shop} up, from consent to products.", shop=shop_of(demo.setup.store_url)))
            self._draw_paces()
            with ui.element("label").classes("switch"):
                box = ui.element("input").props("type=checkbox")
                words(t("Skip the reading: the demo allows all of it, and that is recorded as the demo's."))
            self._refusal = words("", "p", "refusal").props("role=alert")
            with ui.element("button").classes("button full start").props("type=button") as self._button:
                words(t("Run it"))
        box.on("change", lambda told: setattr(self, "_skips", bool(told.args)), js_handler=TICKED)
        self._button.on("click", lambda _: self._run())

    def _draw_paces(self) -> None:
        with ui.element("fieldset").classes("paces"):
            words(t("Slow motion: rest after each step"), "legend", "strong")
            for seconds in PACES:
                with ui.element("label"):
                    one = ui.element("input").props("type=radio name=pace")
                    one.props["value"] = f"{seconds:g}"
                    words(t("{seconds} s", seconds=one.props["value"]) if seconds else t("off"))
                one.on("change", lambda told: self._set_pace(float(told.args)), js_handler=TYPED)
                self._paces[seconds] = one
        self.show_pace()

    def show_pace(self) -> None:
        """Which pace is chosen now."""
        for seconds, one in self._paces.items():
            one.props["checked"] = seconds == self._demo.pace
            one.update()

    async def _set_pace(self, seconds: float) -> None:
        with errors_shown():
            self._demo.set_pace(await acting(self._services), seconds)
        self.show_pace()

    async def _run(self) -> None:
        if "aria-disabled" in self._button.props:  # not disabled itself, which would take the focus from it
            return
        self._refusal.set_text("")
        self._button.props("aria-disabled=true")
        try:
            begun = await self._begun()
        except CoreError as error:
            self._refusal.set_text(error.sentence)
        else:
            if begun:
                ui.navigate.to(f"/operations/{begun.id}")
        finally:
            self._button.props(remove="aria-disabled")

    async def _begun(self) -> OperationView | None:
        """The setup that was begun, or is under way; None if it was not allowed."""
        who, setup = await acting(self._services), self._demo.setup
        if under_way := await self._demo.under_way(who):
            return under_way
        await self._services.operations.check_shop(who, setup.service, setup.store_url)
        if self._skips:
            given = replace(circumstances("demo-run"), surface=Surface.DEMO)
            apart = (box.purpose for box in self._demo.sheet.boxes if box.purpose is not Purpose.STORE_SIGN_IN)
            return await self._demo.begin(who, given, [one.value for one in apart])
        return await self._asked()

    async def _asked(self) -> OperationView | None:
        sheet = self._demo.sheet
        answer = await ConsentDialog(sheet, self._services.clock.now()).ask()
        if answer is None:
            return None
        who = await acting(self._services)
        if not answer.allowed:
            no = circumstances("consent-refuse", answer.shown_at)
            await self._services.consents.refuse(who, self._demo.setup, no)
            return None
        given = circumstances("consent-allow", answer.shown_at)
        permissions = [*answer.permissions, *(one.value for one in answer.apart)]
        return await self._demo.begin(who, given, permissions, answer.refused(sheet))
