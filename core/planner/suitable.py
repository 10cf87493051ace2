"""Which elements a step could be done on at all, by the kind of action."""

from collections.abc import Callable

from core.browser.snapshot import ElementSeen
from core.workflows.step import ActionKind

WRITTEN_IN = frozenset({"textbox", "searchbox", "spinbutton", "combobox"})
PRESSED = frozenset({"button", "link", "menuitem", "tab", "option", "radio", "checkbox", "switch", "generic"})
TICKED = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
CHOSEN_FROM = frozenset({"combobox", "listbox"})
LED_BY = frozenset({"link", "tab", "menuitem"})
NEVER_POINTED_AT = frozenset({"heading", "frame"})
DRAWN = "listbox"
FILE = "file"
LOOKS_ONLY = frozenset({ActionKind.CAPTURE, ActionKind.HOVER})
NOT_TYPED_INTO = frozenset({FILE, "color", "date", "datetime-local", "month", "time", "week", "range"})
PASSWORD = "password"  # noqa: S105  a type of field, not a password


def is_suitable(element: ElementSeen, action: ActionKind, *, types_secret: bool = False) -> bool:
    """Whether this action can be done on an element like this; a secret goes into fields for one, and nothing else does."""
    return not objection_to(element, action, types_secret=types_secret)


def objection_to(element: ElementSeen, action: ActionKind, *, types_secret: bool = False) -> str:
    """Why this action can't be done on an element like this; empty if it can."""
    if action not in LOOKS_ONLY and not element.enabled:
        return "it is switched off."
    if action is ActionKind.FILL and element.read_only:
        return "it can't be changed."
    suits = SUITS.get(action)
    if suits is None or not suits(element):
        return f"nobody can {action.value} a {element.role} like that."
    if action is ActionKind.FILL and (element.kind == PASSWORD) is not types_secret:
        return "a secret goes into a field for one, and nothing else does."
    return ""


def objection_to_click(element: ElementSeen) -> str:
    """Why nobody can click this; empty if somebody can. That is more than a click is likely to be meant for."""
    if not element.enabled:
        return "it is switched off."
    never = element.role in NEVER_POINTED_AT or element.kind == FILE
    return f"nobody can click a {element.role} like that." if never else ""


def _can_be_filled(element: ElementSeen) -> bool:
    """Drawn lists and fields for dates or files are no place for a text."""
    of_another_kind = element.kind in NOT_TYPED_INTO or element.kind == DRAWN or bool(element.options)
    return element.role in WRITTEN_IN and not element.read_only and not of_another_kind


def _can_be_pressed(element: ElementSeen) -> bool:
    return element.role in PRESSED and element.kind != FILE


def _can_be_ticked(element: ElementSeen) -> bool:
    return element.role in TICKED


def _can_be_chosen_from(element: ElementSeen) -> bool:
    """A select, or what opens a list that is drawn in place of one."""
    return element.role in CHOSEN_FROM and (bool(element.options) or element.kind == DRAWN)


SUITS: dict[ActionKind, Callable[[ElementSeen], bool]] = {
    ActionKind.CLICK: _can_be_pressed,
    ActionKind.FILL: _can_be_filled,
    ActionKind.PRESS: lambda element: _can_be_pressed(element) or _can_be_filled(element),
    ActionKind.CHECK: _can_be_ticked,
    ActionKind.UNCHECK: _can_be_ticked,
    ActionKind.SELECT: _can_be_chosen_from,
    ActionKind.CAPTURE: lambda element: element.role == "textbox" and element.kind != PASSWORD,
    ActionKind.HOVER: lambda element: element.role not in NEVER_POINTED_AT,
}
