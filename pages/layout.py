"""What every screen has around it: the bar, the width, the colours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nicegui import ui

from pages.visitor import visitor

STYLE = (Path(__file__).parent / "style.css").read_text("utf-8")
SCREENS = (
    ("Set up", "/"),
    ("Operations", "/operations"),
    ("Products", "/products"),
    ("Consents", "/consents"),
    ("Audit", "/audit"),
    ("Statistics", "/statistics"),
    ("Settings", "/settings"),
)


@contextmanager
def frame(title: str, here: str = "") -> Iterator[None]:
    """A screen for somebody who is signed in; `here` is the address of its place in the bar."""
    dress(title)
    with ui.element("header").classes("bar"):
        ui.link("OmniOps Autopilot", "/").classes("brand")
        with ui.element("nav").props('aria-label="Main"'):
            for name, address in SCREENS:
                link = ui.link(name, address)
                if address == here:
                    link.props("aria-current=page")
        ui.label(visitor().email).classes("second small")
        with ui.element("form").props("method=post action=/auth/sign-out"):
            ui.html("<button type=submit>Sign out</button>")
    with ui.element("div").classes("content"):
        yield


def dress(title: str) -> None:
    """Title, colours and style of a screen."""
    ui.page_title(f"{title} · OmniOps Autopilot")
    ui.colors(primary="#3a4ed5", negative="#b3261e", positive="#1d7f4f", warning="#9a6200")
    ui.dark_mode(None)
    ui.add_css(STYLE)
