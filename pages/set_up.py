"""Set up: choose a service, say which shop and who signs in there, read what will be done, allow it or not."""

from nicegui import ui

from core.agents.integration import Integration, Integrations
from core.security.people.authorize import Action
from core.services import Services
from pages.layout import frame
from pages.parts.screen import screen
from pages.parts.service_cards import draw_service_cards
from pages.parts.setup_form import SetupForm
from pages.parts.setup_words import GONE_AFTERWARDS, IN_TWO_MINUTES
from pages.parts.stepper import Step
from pages.parts.words import address_of, heading, link, paragraph, words
from pages.texts import t
from pages.visitor import allowed, visitor

SET_UP = "/set-up"


def register(services: Services) -> None:
    """Put the screen up."""

    @screen(SET_UP, reconnect_timeout=60)  # what is typed here is kept a while longer
    async def set_up_page(service: str = "", operation: str = "", store: str = "") -> None:
        chosen = chosen_of(services.integrations, service, operation)
        takes_back = chosen is not None and chosen.ends
        with frame(t("Set up"), SET_UP):
            with ui.element("div").classes("stack"):
                heading(t("Take a key back") if takes_back else t("Set up a service"))
                paragraph(t(GONE_AFTERWARDS if takes_back else IN_TWO_MINUTES))
            if not allowed(Action.OPERATE):
                _draw_nothing_to_ask()
                return
            with ui.element("div").classes("setup" if chosen else "setup whole"):
                with ui.element("ol").classes("card stepper"):
                    first = Step(1, t("Service"))
                    if chosen is None:
                        await _draw_choice(services, first, store)
                        return
                    first.show("done")
                    with first.chosen:
                        _draw_chosen(chosen, store)
                    form = SetupForm(services, chosen, store)
                form.draw_beside()
            await form.look()


def chosen_of(integrations: Integrations, service: str, operation: str) -> Integration | None:
    """What the address asks for, or the first way of the service that it names; None if it names none that there is."""
    if (asked := integrations.find(service, operation)) is not None:
        return asked
    found = next((one for one in integrations.setups() if one.service == service), None)
    return (integrations.approved(service) or found) if found else None


async def _draw_choice(services: Services, first: Step, store: str) -> None:
    """The first step, and the names of those to come."""
    first.show("now")
    with first.body:
        await draw_service_cards(services, store)
    for number, name in enumerate((t("Address"), t("Way"), t("Consent")), 2):
        Step(number, name)


def _draw_chosen(chosen: Integration, store: str) -> None:
    words(chosen.title, classes="strong")
    if not chosen.ends:
        words(" · ")
        link(t("change"), address_of(SET_UP, **({"store": store} if store else {})))


def _draw_nothing_to_ask() -> None:
    with ui.element("div").classes("card"):
        paragraph(t("As {role} one looks at setups, and asks for none.", role=visitor().role.words))
