"""The services that can be set up, a card each: what it does, what it needs, and how long it took others."""

from nicegui import ui

from core.agents.integration import Integration
from core.services import Services
from core.statistics.summary import UsualRest
from pages.parts.words import address_of, paragraph, seconds, words
from pages.texts import t, tn

ENOUGH_TO_NAME = 5  # setups; fewer are no experience


async def draw_service_cards(services: Services, store: str) -> None:
    """Links to the rest of the way; the address that is known already goes along."""
    with ui.element("nav").classes("cards") as cards:
        cards.props["aria-label"] = t("Services")
        for one in _one_of_each(services):
            _draw(one, await services.statistics.usual_rest(one.service, one.operation), store)


def _one_of_each(services: Services) -> tuple[Integration, ...]:
    """Of each service the way that an agent goes: it says the most of what is done."""
    names = dict.fromkeys(one.service for one in services.integrations.setups())
    return tuple(services.integrations.of_service(name) for name in names)


def _draw(one: Integration, usual: UsualRest, store: str) -> None:
    to_form = {"service": one.service} | ({"store": store} if store else {})
    with ui.link(target=address_of("/set-up", **to_form)).classes("card choose"):
        words(one.title, "h3")
        paragraph(one.summary)
        paragraph(t("It needs: {what}", what=one.needs), "second small")
        paragraph(_took(usual), "third small num")


def _took(usual: UsualRest) -> str:
    """How long it took others, if there are enough of them to say."""
    if usual.setups < ENOUGH_TO_NAME or not usual.seconds_from:
        return t("About two minutes, with your reading")
    time = seconds(max(usual.seconds_from.values()))
    return tn("It took {time} in {number} setup", "It took {time}, as in {number} setups", usual.setups, time=time)
