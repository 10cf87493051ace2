"""The things that one can be told of, each with a box; and what could not be told."""

from collections.abc import Awaitable, Callable, Collection

from nicegui import ui

from core.database.states import NotificationEvent
from core.notifications.desk import CHOOSABLE, Undelivered
from pages.parts.handlers import TICKED
from pages.parts.words import words
from pages.texts import later, t, tn

CALLED = {
    NotificationEvent.FINISHED: later("Finished"),
    NotificationEvent.FAILED: later("Failed"),
    NotificationEvent.NEEDS_YOU: later("Needs somebody"),
}
MEANS = {
    NotificationEvent.FINISHED: later("What was asked for is done. Hourly looks at a connection are not told."),
    NotificationEvent.FAILED: later("It could not be done, and is not tried again by itself."),
    NotificationEvent.NEEDS_YOU: later("A code, a choice or a consent: it waits for a person."),
}

Ticked = Callable[[NotificationEvent, bool], Awaitable[None] | None]


def draw_picks(name: str, ticked: Collection[NotificationEvent], act: Ticked) -> None:
    """A box for each, called `name` together."""
    with ui.element("fieldset").classes("picks") as whole:
        whole.props["aria-label"] = name
        for event in CHOOSABLE:
            _draw_pick(event, event in ticked, act)


def _draw_pick(event: NotificationEvent, ticked: bool, act: Ticked) -> None:
    with ui.element("label"):
        box = ui.element("input").props(f"type=checkbox{' checked' if ticked else ''}")
        with ui.element("span").classes("stack"):
            words(t(CALLED[event]), classes="strong")
            words(t(MEANS[event]), classes="second small")
    box.on("change", lambda told: act(event, bool(told.args)), js_handler=TICKED)


def picks_in_words(events: Collection[NotificationEvent]) -> str:
    """Those that were chosen, in a line."""
    return ", ".join(t(CALLED[one]).lower() for one in CHOOSABLE if one in events)


def draw_undelivered(undelivered: Undelivered) -> None:
    """How many could not be told lately, and why the newest could not."""
    if undelivered.number:
        told = tn(
            "{number} notification could not be delivered in the last 30 days. {because}",
            "{number} notifications could not be delivered in the last 30 days. The newest: {because}",
            undelivered.number,
            because=undelivered.last_because,
        )
        words(told, "p", "notice").props("role=status")
