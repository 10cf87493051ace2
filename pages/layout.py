"""What every screen has around it: the bar, the width, the style sheet."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from nicegui import app as nicegui_app
from nicegui import ui

from core.security.people.authorize import Action, may
from pages.parts.looking import CUSTOMERS, SHOWN, draw_whose
from pages.parts.times import TELLS_ZONE
from pages.parts.tour import DEMO, desk, draw_tour
from pages.parts.typed import typed_by
from pages.parts.words import side_by_side, words
from pages.texts import later, t
from pages.visitor import looking, visitor, visitor_on

STYLE, *SCRIPTS = (Path(__file__).parent / name for name in ("style.css", "keep.js", "focus.js"))
STATIC = "/static/"  # the gate lets everybody have what is below it
KEPT = 30 * 24 * 60 * 60  # seconds; what has changed has another address
Screens: TypeAlias = tuple[tuple[str, str], ...]

SCREENS: Screens = (
    (later("Home"), "/"),
    (later("Set up"), "/set-up"),
    (later("Operations"), "/operations"),
    (later("Shops"), "/shops"),
    (later("Products"), "/products"),
    (later("Consents"), "/consents"),
    (later("Audit"), "/audit"),
    (later("Statistics"), "/statistics"),
    (later("Workflows"), "/workflows"),
)
SETTINGS = (later("Settings"), "/settings")
PEOPLE = (later("People"), "/people")
OF_STAFF = (later("Customers"), CUSTOMERS)
HEALTH = (later("Health"), "/health")  # for staff
OF_DEMO = (later("Demo"), DEMO)  # there only where the product runs as one


def register() -> None:
    """Serve the style sheet, and put it on every screen, and leave out a bar that has no name."""
    nicegui_app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    for file in (STYLE, *SCRIPTS):
        nicegui_app.add_static_file(local_file=file, url_path=f"{STATIC}{file.name}", max_cache_age=KEPT)
    version = _version(STYLE)
    ui.add_head_html(f'<link rel="stylesheet" href="/static/style.css?v={version}">', shared=True)


def scripts() -> str:
    """The scripts of ours that every screen has, as markup."""
    ours = (f'<script defer src="{STATIC}{file.name}?v={_version(file)}"></script>' for file in SCRIPTS)
    return TELLS_ZONE + "".join(ours)


def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]


@contextmanager
def frame(title: str, here: str = "") -> Iterator[None]:
    """A screen for somebody who is signed in; `here` is the address of its place in the bar."""
    with bare(title, bar=here):
        yield


@contextmanager
def bare(title: str, bar: str | None = None) -> Iterator[None]:
    """A screen for anybody; with a bar, if its place in it is given."""
    ui.page_title(side_by_side(title, "OmniOps Autopilot"))
    ui.dark_mode(None)
    if bar is not None:
        _bar(bar)
        draw_whose()
        draw_tour()
    with ui.element("div").classes("content").props("tabindex=-1") as content:
        if signed_in := visitor_on(ui.context.client):
            content.props["data-typed-by"] = typed_by(signed_in)
        yield
    ui.skip_link(t("Skip to content"), target=content).move(target_index=0)


def _bar(here: str) -> None:
    screens, account = _offered()
    with ui.element("header").classes("bar"):
        ui.link("OmniOps Autopilot", "/").classes("brand")
        with ui.element("nav") as nav:
            nav.props["aria-label"] = t("Main")
            _links(screens, here)
        with _opener("wide", t("Account")):
            words(visitor().email)
            ui.icon("expand_more").props("aria-hidden=true")
            _menu(account, here)
        with _opener("phone", t("Menu")):
            ui.icon("menu").props("aria-hidden=true")
            _menu((*screens, *account), here)


def _offered() -> tuple[Screens, Screens]:
    """What the bar leads to, and what the account's menu does: of a customer that is looked at, what staff see."""
    who = visitor()
    if looking(ui.context.client):
        return SHOWN, ()
    screens = (*SCREENS, HEALTH) if may(who, Action.SEE_ALL_CUSTOMERS) else SCREENS
    screens = (*screens, OF_DEMO) if desk() else screens
    account = ((OF_STAFF, Action.SEE_ALL_CUSTOMERS), (PEOPLE, Action.MANAGE_PEOPLE))
    return screens, (SETTINGS, *(screen for screen, action in account if may(who, action)))


def _opener(width: str, name: str) -> ui.element:
    opener = ui.element("button").classes(f"opener {width}").props("type=button aria-haspopup=menu")
    opener.props["aria-label"] = name
    return opener


def _menu(screens: Screens, here: str) -> None:
    with ui.menu().props("transition-duration=0").classes("choices"):
        _links(screens, here)
        with ui.element("form").props("method=post action=/auth/sign-out"), ui.element("button").props("type=submit"):
            words(t("Sign out"))


def _links(screens: Screens, here: str) -> None:
    for name, address in screens:
        link = ui.link(t(name), address)
        if address == here:
            link.props("aria-current=page")
