"""The ways to the same end: each in a sentence on what it asks for, and one of them is taken."""

from collections.abc import Callable
from functools import partial

from nicegui import ui

from core.agents.integration import Integration
from core.services import Services
from pages.parts.words import words
from pages.texts import later, t

APPROVE, AGENT = later("Approve in your shop"), later("Let the agent do it")
ASKS_FOR = {
    APPROVE: later("You approve in your own browser, and no password is shared."),
    AGENT: later(
        "It signs in for you with a user name and password, in a browser you can watch. "
        "The password is deleted afterwards."
    ),
}


def ways_to(services: Services, chosen: Integration) -> tuple[Integration, ...]:
    """How what was chosen can be done here. The way that needs no password comes first."""
    signs_in = services.integrations.of_service(chosen.service)
    approved = services.integrations.approved(chosen.service)
    if approved is None or chosen not in (signs_in, approved):
        return (chosen,)
    return (approved, signs_in) if services.approvals.ours.offers else (signs_in,)


def name_of(way: Integration) -> str:
    """What a way is called."""
    return APPROVE if way.approval else AGENT


class Ways:
    """The choice between them, if there is one; `take` is told which."""

    def __init__(self, ways: tuple[Integration, ...], taken: Integration, take: Callable[[Integration], None]) -> None:
        if len(ways) == 1:
            return
        with ui.element("fieldset").classes("ways"):
            words(t("How it is done"), "legend", "unseen")
            for way in ways:
                self._draw(way, way is taken, partial(take, way))

    def _draw(self, way: Integration, is_taken: bool, take: Callable[[], None]) -> None:
        name = name_of(way)
        with ui.element("label"):
            dot = ui.element("input").props(f"type=radio name=way{' checked' if is_taken else ''}")
            dot.on("change", lambda _: take())
            with ui.element("span"):
                title = words(t(name), classes="strong")
                asks_for = words(t(ASKS_FOR[name]), "p", "second")
        dot.props(f"aria-labelledby={title.html_id} aria-describedby={asks_for.html_id}")
