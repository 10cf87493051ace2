"""Changes of what the shop says: other words, German, icons instead of words, placeholders instead of labels."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from app.practice_shop.faults import Fault
from app.practice_shop.german import GERMAN as GERMAN_OF_THE_SHOP
from app.practice_shop.key_pages import MADE as SAID_WHEN_MADE
from app.practice_shop.wording import GERMAN as GERMAN_KEYS
from app.practice_shop.wording import TODAY
from tests.benchmarks.drift.german_rest import PARTS, REST
from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.pages import Page, View
from tests.benchmarks.drift.tree import piece, reword, said, say

OTHER_WORDS: Mapping[View, Mapping[str, str]] = {
    View.SIGN_IN: {
        "username-label": "E-mail or account name",
        "password-label": "Passphrase",
        "submit": "Sign in to your shop",
    },
    View.LIST: {"add": "New credentials", "first": "Make the first credentials"},
    View.FORM: {
        "fields-heading": "Credential settings",
        "description-label": "Name these credentials",
        "owner-label": "Belongs to",
        "permission-label": "Access level",
        "submit": "Create credentials",
    },
    View.MADE: {"key-label": "Client ID", "secret-label": "Client secret", "revoke": "Withdraw credentials"},
}
OTHER_TABS = {"Advanced": "Expert", "REST API keys": "API access", "Page setup": "Pages", "Features": "Experiments"}
OTHER_OPTIONS = {"Read": "View only", "Write": "Change only", "Read/Write": "View and change"}
OTHER_TEXTS = {SAID_WHEN_MADE: "Your credentials are ready. Copy them now: the client secret is not shown again."}
ICONS = {
    "submit": "M4 10h12M11 5l5 5-5 5",
    "add": "M10 4v12M4 10h12",
    "first": "M10 4v12M4 10h12",
    "next": "M4 10h12M11 5l5 5-5 5",
    "copy-key": "M7 7h9v9H7zM4 13V4h9",
    "copy-secret": "M7 7h9v9H7zM4 13V4h9",
}
TERSE = {"next": "Forward", "add": "New", "first": "New", "copy-key": "Copy", "copy-secret": "Copy"}
SUBMITS = {View.SIGN_IN: "Enter", View.FORM: "Create"}
SPOKEN = ("aria-label", "title", "placeholder", "data-tip", "data-colname")
NOT_SPOKEN = frozenset({"script", "style"})


def reworded(page: Page) -> None:
    """Buttons, links, labels and choices say the same in other words."""
    for mark, text in OTHER_WORDS.get(page.view, {}).items():
        element = page.find(mark)
        if element is not None:
            reword(element, text)
    for mark in ("tabs", "sections"):
        for link in _links(page.find(mark)):
            reword(link, OTHER_TABS.get(said(link), said(link)))
    for option in page.root.iter("option"):
        reword(option, OTHER_OPTIONS.get(said(option), said(option)))


def german(page: Page) -> None:
    """What the shop's own German leaves in English."""
    for one in page.root.iter():
        if one.tag not in NOT_SPOKEN:
            one.text = _in_german(one.text)
        one.tail = _in_german(one.tail)
        for name in SPOKEN:
            if name in one.attrib:
                one.set(name, _in_german(one.get(name)) or "")
        if one.tag == "input" and one.get("type") == "submit":
            one.set("value", _in_german(one.get("value")) or "")


def icons(page: Page) -> None:
    """Buttons are a picture with a name that is spoken, and terse."""
    _icons(page, "aria-label")


def icons_titled(page: Page) -> None:
    """Buttons are a picture with a name that shows when the mouse is over them, and terse."""
    _icons(page, "title")


def placeholders(page: Page) -> None:
    """What a field is for stands in the field, and goes when something is entered; there is no label."""
    for mark in ("username", "password", "description", "owner", "permission"):
        label = page.find(f"{mark}-label")
        if label is None:
            continue
        page.get(mark).set("placeholder", said(label))
        parent = page.parent(label)
        parent.remove(label)
        if parent.tag == "th":
            parent.text = ""


def _icons(page: Page, named_by: str) -> None:
    terse = TERSE | {"submit": SUBMITS.get(page.view, "")}
    for mark, drawn in ICONS.items():
        element = page.find(mark)
        if element is None:
            continue
        element = _as_button(element)
        say(element, "")
        element.set(named_by, terse[mark])
        element.append(
            piece(
                '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">'
                f'<path d="{drawn}"/></svg>'
            )
        )


def _as_button(element: Element) -> Element:
    """An <input type=submit> as the <button> that can hold a picture; anything else as it is."""
    if element.tag == "input":
        element.tag = "button"
        element.attrib.pop("value", None)
    return element


def _links(within: Element | None) -> list[Element]:
    return [] if within is None else list(within.iter("a"))


def _in_german(text: str | None) -> str | None:
    """The same in German, with the space around it."""
    if text is None:
        return None
    bare = text.strip()
    if bare in DICTIONARY:
        return text.replace(bare, DICTIONARY[bare])
    for english, in_german in PARTS.items():
        text = text.replace(english, in_german)
    return text


DICTIONARY = (
    GERMAN_OF_THE_SHOP
    | {english: getattr(GERMAN_KEYS, name) for name, english in vars(TODAY).items() if isinstance(english, str)}
    | REST
)

REWORDED = Kind("reworded", "Buttons, links, labels and choices say it in other words.", reworded, texts=OTHER_TEXTS)
IN_GERMAN = Kind("german", "The whole way is in German.", german, faults=(Fault.GERMAN,))
ICONS_ONLY = Kind("icons", "Buttons are icons; an aria-label names them, tersely.", icons)
ICONS_TITLED = Kind("icons-titled", "Buttons are icons with nothing but a title, which is terse.", icons_titled)
PLACEHOLDERS = Kind("placeholders", "Fields have a placeholder and no label.", placeholders)
