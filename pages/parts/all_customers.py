"""For staff, on home: how many setups of all customers run, failed or wait, each number with the way to the list of just those."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.errors import NotSignedIn
from core.operations.overview import OF_ALL, CustomersOverview
from core.operations.runs import Cut
from core.services import Services
from pages.parts.all_runs import LOOKS_EVERY
from pages.parts.run_filters import Asked
from pages.parts.words import grouped, heading, link, paragraph
from pages.texts import t, tn
from pages.visitor import acting


class AllCustomers:
    """The block; it looks again by itself, for of other companies' changes this page is not told."""

    def __init__(self, services: Services, counted: CustomersOverview) -> None:
        self._services = services
        self._client = ui.context.client
        self._numbers: dict[str, ui.link] = {}
        self._words: dict[str, TextElement] = {}
        with ui.element("section").classes("stack section").props("aria-labelledby=home-customers"):
            heading(t("Setups of all customers"), 2).props("id=home-customers")
            with ui.element("div").classes("tiles three"):
                for name, wanted in OF_ALL.items():
                    with ui.element("div").classes("card"):
                        to_list = Asked(wanted, Cut()).address()
                        self._numbers[name] = link("", to_list, "figure")
                        self._words[name] = paragraph("")
        self._show(counted)
        self._timer = ui.timer(LOOKS_EVERY, self._look_again, immediate=False)

    def _show(self, counted: CustomersOverview) -> None:
        for name, said in _said(counted).items():
            number = grouped(getattr(counted, name))
            self._numbers[name].set_text(number)
            self._words[name].set_text(said)
            self._numbers[name].props["aria-label"] = t("{number} {said}", number=number, said=said)

    async def _look_again(self) -> None:
        try:
            counted = await self._services.overview.look_at_all(await acting(self._services))
        except NotSignedIn:  # the page leads to the sign-in by now
            self._timer.cancel()
            return
        if not self._client.is_deleted:
            self._show(counted)


def _said(counted: CustomersOverview) -> dict[str, str]:
    """What each number is of."""
    return {
        "running": tn("is carried out now", "are carried out now", counted.running),
        "failed": tn("of the last day failed", "of the last day failed", counted.failed),
        "waiting": tn("waits for somebody", "wait for somebody", counted.waiting),
    }
