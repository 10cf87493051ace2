"""The guided tour of a demo: over the real screens, from one to the next; where it stands is in the address alone."""

from dataclasses import dataclass

from nicegui import ui

from core.demo.desk import DemoDesk
from pages.parts.words import address_of, heading, link, paragraph, whole_number, words
from pages.texts import later, t
from pages.visitor import looking, visitor

TOUR = "tour"  # in the address: which step one is at
DEMO = "/demo"
NEWEST = "/demo/newest"  # leads to what was done last


@dataclass(frozen=True)
class Stop:
    """One screen, and what is told of it."""

    address: str
    title: str
    told: str


STOPS = (
    Stop(
        "/",
        later("Home: what needs somebody"),
        later(
            "This is where people begin: what waits for them, what runs, what is connected. It changes while one looks."
        ),
    ),
    Stop(
        "/set-up?service=woocommerce",
        later("Set up: say which shop"),
        later("The address is looked at while it is typed. What will happen stands beside it, before anything does."),
    ),
    Stop(
        "/consents",
        later("Consent: nothing without it"),
        later(
            "Everything that was allowed stands here, in the words it was allowed in, with a signed receipt. It can be taken back at any moment."
        ),
    ),
    Stop(
        NEWEST,
        later("Live: every step, and its picture"),
        later(
            "Each step has a sentence, a time and a picture, and says what was unusual. While it runs, one button stops it."
        ),
    ),
    Stop(
        NEWEST,
        later("The result: said whole"),
        later(
            "It ends with what was made, or with why not, and what is left behind. A key is never wider than the consent."
        ),
    ),
    Stop(
        "/products?q=Show+me+your+best+sellers",
        later("Products: asked in plain words"),
        later("The products came over with the setup. Questions are read without any model, and the page says how."),
    ),
    Stop(
        "/audit",
        later("Audit: proof of all of it"),
        later(
            "Every intent stands here before the deed, and its outcome after it, in a signed chain. One button verifies it."
        ),
    ),
    Stop(
        "/statistics",
        later("Statistics: how well it goes"),
        later(
            "How many setups work, how long they take, why some fail, and who decided. All of it is counted from the record."
        ),
    ),
    Stop(
        "/health",
        later("Health: whether all is well"),
        later(
            "Staff see at one glance what works and what is to be looked at. That was the tour: now switch a fault on, and watch."
        ),
    ),
)


def desk() -> DemoDesk | None:
    """The demo that this page is part of; None where the product runs for real."""
    found = getattr(ui.context.client.request.state, "demo", None)
    return found if isinstance(found, DemoDesk) else None


def at() -> int | None:
    """At which step of the tour this page is shown, counted from one."""
    number = whole_number(ui.context.client.request.query_params.get(TOUR, ""), len(STOPS))
    return number if number and desk() else None


def kept() -> dict[str, str]:
    """What keeps the tour in an address that changes while it is shown."""
    number = at()
    return {TOUR: str(number)} if number else {}


def address_at(number: int) -> str:
    """The address of a step."""
    path, _, query = STOPS[number - 1].address.partition("?")
    return f"{path}?{query}&{TOUR}={number}" if query else address_of(path, **{TOUR: str(number)})


def draw_tour() -> None:
    """The card of the step that the address names; nothing without one. Its first link has the focus: Enter leads on."""
    number, demo = at(), desk()
    if number is None or demo is None or looking(ui.context.client):
        return
    demo.has_invited(visitor())
    stop = STOPS[number - 1]
    with ui.element("section").classes("tour") as card:
        card.props["aria-label"] = t("Guided tour")
        with ui.element("div").classes("row between"):
            heading(t(stop.title), 2)
            words(t("{number} of {all}", number=number, all=len(STOPS)), classes="second small num")
        paragraph(t(stop.told))
        with ui.element("div").classes("row"):
            if number < len(STOPS):
                onward = link(t("Next"), address_at(number + 1), "button full")
            else:
                onward = link(t("To the demo page"), DEMO, "button full")
            onward.props("autofocus")
            if number > 1:
                link(t("Back"), address_at(number - 1), "button")
            link(t("End the tour"), _without_tour(), "button")


def draw_invitation() -> None:
    """On the first visit of a demo: the tour is offered, once."""
    demo = desk()
    if demo is None or at() or not demo.invites(visitor()):
        return
    with ui.element("section").classes("card invitation") as card:
        card.props["aria-label"] = t("Guided tour")
        heading(t("New here?"), 2)
        paragraph(t("A tour over the real screens takes three minutes. Nothing of it leaves this machine."))
        with ui.element("div").classes("row"):
            link(t("Take the tour"), address_at(1), "button full")
            with ui.element("button").classes("button").props("type=button") as no:
                words(t("Not now"))
    no.on("click", lambda _: _not_now(demo, card))


def _not_now(demo: DemoDesk, card: ui.element) -> None:
    demo.has_invited(visitor())
    card.delete()


def _without_tour() -> str:
    """This page, without the tour."""
    url = ui.context.client.request.url
    query = {name: value for name, value in ui.context.client.request.query_params.items() if name != TOUR}
    return address_of(url.path, **query)
