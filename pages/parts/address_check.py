"""The address of a shop, looked at while it is typed: does it answer, what runs there, and in which version?"""

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.agents.integration import Integration, Seen
from core.errors import CoreError
from core.security.origin import Origin, shortened
from core.services import Services
from pages.parts import tour
from pages.parts.sign_in_fields import labelled_input
from pages.parts.typed import KEEP
from pages.parts.words import button, shop_of, words
from pages.texts import t
from pages.visitor import acting

PAUSE = 700  # milliseconds without a key pressed; whoever types on is not done
Told = Callable[[Origin | None], Awaitable[None]]


class AddressCheck:
    """The field, and under it what was found; `told` hears of each shop that is there, and that there is none any more."""

    def __init__(self, services: Services, integration: Integration, value: str, told: Told) -> None:
        self._services = services
        self._integration = integration
        self._told = told
        self._looked_at = ""
        self._box = labelled_input(f"{integration.service}-store", integration.address_label, value=value)
        self._box.props(f"placeholder=https://your-site.example inputmode=url autocomplete=url debounce={PAUSE} {KEEP}")
        if tour.at() is None:  # whose card has the focus
            self._box.props("autofocus")  # it comes next, once a service is chosen: Tab begins here, not at the top
        self._box.on_value_change(self.look)
        # One line high from the beginning: what is below may not move away under the pointer.
        self._found = ui.element("div").classes("found").props("role=status")
        with self._found:
            self._say("", "")

    @property
    def typed(self) -> str:
        """The address as it stands in the field."""
        return (self._box.value or "").strip()

    async def look(self) -> None:
        """Look at what stands there now, unless that was done; what was typed meanwhile is looked at instead."""
        typed = self.typed
        if typed == self._looked_at:
            return
        self._looked_at = typed
        await self._told(None)
        if not typed:
            self._show(("", ""))
            return
        self._show(("hourglass_empty", t("Looking at {address} …", address=shortened(typed))))
        try:
            who = await acting(self._services)
            origin = await self._services.operations.check_shop(who, self._integration.service, typed)
        except CoreError as error:
            if self.typed == typed:
                self._show(("error", error.sentence))
                with self._found:
                    button(t("Look again"), self._look_again, "link").classes(remove="button")
            return
        if self.typed == typed:
            self._show_found(origin, (Seen(self._integration.title),))
            await self._told(origin)
            seen = await self._services.operations.versions(who, self._integration.service, origin)
            if self.typed == typed:
                self._show_found(origin, seen)

    async def _look_again(self) -> None:
        self._looked_at = ""
        await self.look()

    def _show_found(self, origin: Origin, seen: tuple[Seen, ...]) -> None:
        found = t("{shop} answers", shop=shop_of(str(origin)))
        self._show(("check_circle", found), *(("check_circle", one.words) for one in seen))

    def _show(self, *lines: tuple[str, str]) -> None:
        self._found.clear()
        with self._found:
            for icon, told in lines:
                self._say(icon, told)

    def _say(self, icon: str, told: str) -> None:
        with ui.element("p").classes(f"second small seen {icon}"):
            if icon:
                ui.icon(icon).props("aria-hidden=true")
            words(told)
