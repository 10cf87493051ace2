"""Looking at a customer's data: which screens staff see of it, where they stand, and what is said above them."""

from nicegui import ui

from pages.parts.times import time_of_day
from pages.parts.words import button, sentence, words
from pages.texts import later, t
from pages.visitor import errors_shown, lead_away, looking

CUSTOMERS = "/customers"  # the screen of all of them; a customer's own stand below it
SHOWN = (
    (later("Operations"), "/operations"),
    (later("Products"), "/products"),
    (later("Consents"), "/consents"),
    (later("Audit"), "/audit"),
    (later("Statistics"), "/statistics"),
)
SHOWN_BELOW = ("/operations/", "/api/autonomous/", "/pictures/")


def is_shown(path: str) -> bool:
    """Whether this is one of a customer's screens, or what stands on one, that staff see with an access."""
    return path.startswith(SHOWN_BELOW) or path in {address for _, address in SHOWN}


def draw_whose() -> None:
    """Above everything: whose data this is, why and until when one sees it, and the way out. It ends by itself."""
    access = looking(ui.context.client)
    if access is None:
        return
    client = ui.context.client
    with ui.element("div").classes("whose").props("role=region") as whose:
        whose.props["aria-label"] = t("Whose data this is")
        told = t("You look at **{customer}'s data** until {time}, because: “{reason}”")
        until = time_of_day(access.expires_at)
        sentence(told, "p", customer=access.customer, time=until, reason=access.reason)
        with ui.element("div").classes("row"):
            words(t("All customers"), "a", "button").props(f"href={CUSTOMERS}")
            button(t("Stop looking"), _stop)
    ui.timer(access.left.total_seconds(), lambda: lead_away(client), once=True)


async def _stop() -> None:
    client = ui.context.client
    with errors_shown():
        await client.request.state.stop_looking()
        lead_away(client)
