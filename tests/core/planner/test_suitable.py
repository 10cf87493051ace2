"""A step is done only on an element of its kind that can be used, and a secret is typed only into a field for one."""

from dataclasses import replace

import pytest

from core.browser.snapshot import ElementSeen
from core.planner.suitable import is_suitable
from core.workflows.step import ActionKind

BUTTON = ElementSeen("button", "Save", "submit", ref="e1")
LINK = ElementSeen("link", "Keys", leads=("keys",), ref="e1")
FIELD = ElementSeen("textbox", "Description", "text", ref="e1")
PASSWORD = ElementSeen("textbox", "Password", "password", ref="e1")
BOX = ElementSeen("checkbox", "Remember me", "checkbox", ref="e1")
LIST = ElementSeen("combobox", "Permissions", options=("Read", "Write"), ref="e1")
DRAWN = ElementSeen("combobox", "Permissions", "listbox", ref="e1")
HEADING = ElementSeen("heading", "Keys", ref="e1")
FRAME = ElementSeen("frame", "Captcha", ref="e1")
UPLOAD = ElementSeen("button", "Choose a file", "file", ref="e1")
EVERYTHING = (BUTTON, LINK, FIELD, PASSWORD, BOX, LIST, DRAWN, HEADING, FRAME, UPLOAD)


@pytest.mark.parametrize(
    ("action", "elements"),
    [
        (ActionKind.CLICK, (BUTTON, LINK, BOX)),
        (ActionKind.CHECK, (BOX,)),
        (ActionKind.UNCHECK, (BOX,)),
        (ActionKind.SELECT, (LIST, DRAWN)),
        (ActionKind.CAPTURE, (FIELD,)),
        (ActionKind.GOTO, ()),
        (ActionKind.SCRIPT, ()),
    ],
)
def test_an_action_is_done_on_elements_of_its_kind_alone(action: ActionKind, elements: tuple[ElementSeen, ...]) -> None:
    assert tuple(one for one in EVERYTHING if is_suitable(one, action)) == elements


def test_a_secret_is_typed_into_a_field_for_secrets_and_nothing_else_is() -> None:
    assert is_suitable(PASSWORD, ActionKind.FILL, types_secret=True)
    assert not is_suitable(FIELD, ActionKind.FILL, types_secret=True)
    assert not is_suitable(PASSWORD, ActionKind.FILL)
    assert is_suitable(FIELD, ActionKind.FILL)


def test_a_secret_is_not_read_off_a_field_for_secrets() -> None:
    assert not is_suitable(PASSWORD, ActionKind.CAPTURE)


@pytest.mark.parametrize(
    ("action", "element"),
    [
        (ActionKind.CLICK, BUTTON),
        (ActionKind.PRESS, LINK),
        (ActionKind.PRESS, FIELD),
        (ActionKind.FILL, FIELD),
        (ActionKind.CHECK, BOX),
        (ActionKind.UNCHECK, BOX),
        (ActionKind.SELECT, LIST),
    ],
)
def test_what_is_switched_off_is_not_acted_on(action: ActionKind, element: ElementSeen) -> None:
    assert is_suitable(element, action)
    assert not is_suitable(replace(element, enabled=False), action)


def test_what_can_only_be_read_is_not_written_in_but_read() -> None:
    read_only = replace(FIELD, read_only=True)
    assert not is_suitable(read_only, ActionKind.FILL)
    assert is_suitable(read_only, ActionKind.CAPTURE)


def test_a_list_is_not_written_in() -> None:
    assert not is_suitable(LIST, ActionKind.FILL)


def test_a_combobox_without_a_list_is_not_chosen_from() -> None:
    assert not is_suitable(replace(LIST, options=()), ActionKind.SELECT)


def test_everything_but_headings_and_frames_can_be_pointed_at() -> None:
    assert [one for one in EVERYTHING if not is_suitable(one, ActionKind.HOVER)] == [HEADING, FRAME]
