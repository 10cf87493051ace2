"""The faults of the practice shop as switches: what each does, and what is to be expected of the agent then."""

from nicegui import ui

from core.demo.desk import DemoDesk
from core.demo.practice_room import FaultGroup, PracticeFault
from core.services import Services
from pages.parts.handlers import TICKED
from pages.parts.words import button, heading, paragraph, words
from pages.texts import later, t, tn
from pages.visitor import acting, errors_shown

NEEDS_A_CODE = "two_factor"
GROUPS = {
    FaultGroup.PAGE: later("The page is changed"),
    FaultGroup.SHOP: later("The shop misbehaves"),
    FaultGroup.SIGN_IN: later("The sign-in"),
    FaultGroup.API: later("The API"),
}


class FaultSwitches:
    """All of them. What is switched holds at once; what does not fit with it is seen to go off."""

    def __init__(self, services: Services, demo: DemoDesk) -> None:
        self._services = services
        self._demo = demo
        self._switches: dict[str, ui.element] = {}
        faults = demo.faults()
        self._titles = {one.name: t(one.title) for one in faults}
        self._hiding = {one.name for one in faults if len(one.not_with) > len(faults) // 2}
        with ui.element("div").classes("row between"):
            heading(t("What goes wrong"), 2)
            with ui.element("div").classes("row"):
                self._told = words("", classes="second").props("role=status")
                self._all_off = button(t("Switch all off"), self._switch_all_off)
        with ui.element("div").classes("fault-groups"):
            for group, title in GROUPS.items():
                with ui.element("section").classes("card").props(f"aria-labelledby=faults-{group.value}"):
                    heading(t(title), 3).props(f"id=faults-{group.value}")
                    for fault in faults:
                        if fault.group is group:
                            self._draw(fault)
        self.show()

    def _draw(self, fault: PracticeFault) -> None:
        with ui.element("div").classes("fault"):
            with ui.element("label").classes("switch"):
                switch = ui.element("input").props("type=checkbox role=switch")
                switch.props["aria-describedby"] = f"told-{fault.name}"
                words(t(fault.title), classes="strong")
            with ui.element("div").classes("stack small").props(f"id=told-{fault.name}"):
                paragraph(t(fault.does))
                paragraph(t("Expect: {expected}", expected=t(fault.expected)))
                self._draw_what_it_switches_off(fault)
            if fault.name == NEEDS_A_CODE:
                self._draw_code()
        switch.on("change", lambda told: self._switch(fault.name, bool(told.args)), js_handler=TICKED)
        self._switches[fault.name] = switch

    def _draw_what_it_switches_off(self, fault: PracticeFault) -> None:
        if fault.name in self._hiding:
            paragraph(t("It hides most of the others: they go off."), "third small")
        elif names := [self._titles[one] for one in fault.not_with if one not in self._hiding]:
            paragraph(t("Not together with: {names}", names=", ".join(names)), "third small")

    def _draw_code(self) -> None:
        with ui.element("div").classes("row"):
            button(t("Show the code of now"), self._show_code)
            self._code = words("", classes="mono").props("role=status")

    async def _show_code(self) -> None:
        with errors_shown():
            self._code.set_text(self._demo.one_time_code(await acting(self._services)))

    async def _switch(self, name: str, on: bool) -> None:
        with errors_shown():
            self._demo.set_fault(await acting(self._services), name, on)
        self.show()

    async def _switch_all_off(self) -> None:
        with errors_shown():
            who = await acting(self._services)
            for fault in self._demo.faults():
                self._demo.set_fault(who, fault.name, False)
        self.show()

    def show(self) -> None:
        """How they are switched now."""
        faults = self._demo.faults()
        for fault in faults:
            switch = self._switches[fault.name]
            switch.props["checked"] = fault.is_on
            switch.update()
        number = sum(fault.is_on for fault in faults)
        self._told.set_text(
            tn("{number} fault is on", "{number} faults are on", number) if number else t("All is well")
        )
        self._all_off.set_visibility(number > 0)
