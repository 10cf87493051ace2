"""Lists that are longer than a screen: which page an address asks for, and the ways to those before and after it."""

from nicegui import ui

from pages.parts.words import address_of, link, whole_number, words
from pages.texts import t

MOST_PAGES = 100_000


def page_asked_for(text: str) -> int:
    """The page that an address names, from 1."""
    return max(1, whole_number(text, MOST_PAGES) or 1)


def last_page(total: int, size: int) -> int:
    """The number of the last page; what is empty has one, too."""
    return max(1, -(-total // size))


def draw_pages(address: str, at: int, last: int, **query: str) -> None:
    """The ways to the pages before and after this one, if there are others."""
    if last < 2:
        return
    with ui.element("nav").classes("row") as ways:
        ways.props["aria-label"] = t("Pages")
        for name, to in ((t("Before"), at - 1), (t("After"), at + 1)):
            if 1 <= to <= last:
                link(name, address_of(address, **query, page=str(to)), "button")
        words(t("Page {at} of {last}", at=at, last=last), classes="second num")
