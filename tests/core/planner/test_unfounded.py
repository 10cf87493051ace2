"""What a model's word alone is not enough for, and what it is."""

from typing import Any

import pytest

from core.browser.snapshot import ElementSeen
from core.planner.commands import Choose, Click, Detouring, Fill, Use
from core.planner.unfounded import unfounded
from core.workflows.step import ActionKind, TaskStep

STEP = TaskStep(1, "Generate the key", ActionKind.CLICK, "the button “Generate API key”")
USE, CLICK = Use(do="use", ref="e1"), Click(do="click", ref="e1", why="It is in the way.")
FILL = Fill(do="fill", ref="e1", slot="shop", why="It is needed.")
HOLDS = "that changes who may do what in the shop, and the step does not say so."
SENDS = "it sends a form, and does not speak of the step."


def button(name: str, **more: Any) -> ElementSeen:
    return ElementSeen("button", name, **more, ref="e1")


def choosing(option: str) -> tuple[Detouring, ElementSeen]:
    """That option of a list that has it."""
    choose = Choose(do="choose", ref="e1", option=option, why="It is needed.")
    return choose, ElementSeen("combobox", "Kind", options=(option,), ref="e1")


@pytest.mark.parametrize(
    "name",
    [
        "Make administrator", "Invite a user", "Grant full access", "Allow all", "Add new user", "Install plugin", "Activate",
        "Turn off two-factor", "Send to all", "Save changes", "Reset password", "Log out", "Änderungen speichern", "Enregistrer",
        "S a v e", "S\u200bave", "In5tall",
    ],
)  # fmt: skip
def test_nothing_takes_hold_of_the_shop_on_a_model_s_word(name: str) -> None:
    for command in (USE, CLICK):
        assert unfounded(command, button(name), STEP) == HOLDS


@pytest.mark.parametrize("option", ["Administrator", "Read/Write access, full access"])
def test_nor_does_an_option(option: str) -> None:
    assert unfounded(*choosing(option), STEP) == HOLDS


def test_nor_is_one_chosen_that_cannot_be_taken_back() -> None:
    assert "take back" in unfounded(*choosing("Delete all"), STEP)


def test_what_the_step_itself_speaks_of_it_may_do() -> None:
    saves = TaskStep(1, "Save the settings", ActionKind.CLICK, "the button “Save”")
    assert unfounded(USE, button("Save changes"), saves) == ""
    assert unfounded(*choosing("Read"), STEP) == ""


@pytest.mark.parametrize("name", ["Close", "Not now", "Next", "x", "More…", "Advanced"])
def test_what_only_clears_the_way_may_be_pressed(name: str) -> None:
    assert unfounded(CLICK, button(name), STEP) == ""


def test_a_link_may_lead_to_what_a_button_may_not_do_but_not_sign_out() -> None:
    link = ElementSeen("link", "Install plugins", ref="e1")
    assert unfounded(CLICK, link, STEP) == ""
    assert unfounded(CLICK, ElementSeen("link", "Log out", ref="e1"), STEP) == HOLDS


def test_what_says_nothing_of_itself_is_not_pressed() -> None:
    assert unfounded(CLICK, button("•"), STEP) == "its name does not say what it does."


def test_an_address_that_does_something_is_not_followed() -> None:
    link = ElementSeen("link", "Keys", leads=("keys", "nonce"), ref="e1")
    assert unfounded(CLICK, link, STEP) == "its address does something."


def test_one_that_only_shows_another_page_of_the_shop_is_followed() -> None:
    link = ElementSeen("link", "Edit", leads=("post", "action", "edit"), ref="e1")
    assert unfounded(USE, link, STEP) == ""


def test_a_form_is_sent_by_a_button_that_speaks_of_the_step_and_only_as_the_step() -> None:
    speaks, silent = (button(name, kind="submit", form="text submit") for name in ("Generate key", "Go"))
    assert unfounded(USE, speaks, STEP) == ""
    assert unfounded(CLICK, speaks, STEP) == SENDS
    assert unfounded(USE, silent, STEP) == SENDS


def test_nothing_is_typed_where_others_read_it() -> None:
    for field in (
        ElementSeen("textbox", "Your review", kind="text", ref="e1"),
        ElementSeen("textbox", "Shop", ref="e1"),
    ):
        assert unfounded(FILL, field, STEP) == "what is typed there may be for others to read."
    assert unfounded(FILL, ElementSeen("textbox", "Shop", kind="text", ref="e1"), STEP) == ""
