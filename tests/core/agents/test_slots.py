"""Slots are filled with plain values everywhere; a secret is never anything but a name."""

from dataclasses import replace

import pytest

from core.agents.slots import NotPerformable, SecretInPlainText, Slots, UnknownSlot, action_of
from core.browser.actions import (
    Action,
    Capture,
    Click,
    Fill,
    FillSecret,
    Hover,
    Key,
    Open,
    Press,
    Reload,
    Select,
    SetChecked,
)
from core.workflows.locator import By, Link, Locator, Pattern
from core.workflows.step import ActionKind, Check, Control, Matcher, TaskStep
from tests.core.agents.learnt import css, learnt

SLOTS = Slots({"username": "olivia", "key": "OmniOps (op 1)"}, secrets={"password": "admin_password"})


def action_for(step: TaskStep, slots: Slots = SLOTS) -> Action:
    """What the agent would do for a learnt step."""
    bound = slots.bind(step)
    return action_of(bound, bound.locator, slots.secret_of(step))


def test_plain_slots_are_filled_in_all_parts_of_a_step() -> None:
    row = Locator((Link(By.CSS, "tr"), Link(By.HAS_TEXT, "{{key}}")))
    button = Locator((Link(By.ROLE, "button", name="Revoke {{key}}"),))
    step = TaskStep(
        1,
        "Revoke {{key}} as {{ username }}",
        ActionKind.FILL,
        "the row of {{key}}",
        locator=row,
        value="{{username}}@tea.example",
        expected_result="{{key}} is gone",
        checks=(Check(Matcher.HAS_VALUE, row, "{{username}}"), Check(Matcher.HAS_COUNT, row, 0)),
        alternatives=(Locator((Link(By.CSS, "li"), Link(By.HAS, button))),),
        controls=(Control(row),),
    )
    bound = SLOTS.bind(step)
    filled = Locator((Link(By.CSS, "tr"), Link(By.HAS_TEXT, "OmniOps (op 1)")))
    assert (bound.intent, bound.target) == ("Revoke OmniOps (op 1) as olivia", "the row of OmniOps (op 1)")
    assert (bound.value, bound.expected_result) == ("olivia@tea.example", "OmniOps (op 1) is gone")
    assert bound.locator == filled
    assert bound.checks == (Check(Matcher.HAS_VALUE, filled, "olivia"), Check(Matcher.HAS_COUNT, filled, 0))
    assert bound.controls == (Control(filled),)
    inner = Locator((Link(By.ROLE, "button", name="Revoke OmniOps (op 1)"),))
    assert bound.alternatives == (Locator((Link(By.CSS, "li"), Link(By.HAS, inner))),)


def test_a_value_is_no_pattern_of_its_own_inside_a_pattern() -> None:
    locator = Locator((Link(By.TEXT, Pattern("^{{key}}$", "i")),))
    assert SLOTS.locator(locator).links[0].value == Pattern(r"^OmniOps\ \(op\ 1\)$", "i")


def test_a_whole_secret_slot_stays_a_name_until_it_is_typed() -> None:
    step = learnt("Enter the password", ActionKind.FILL, "#pass", value=" {{password}} ")
    assert SLOTS.bind(step).value == " {{password}} "
    assert action_for(step) == FillSecret(css("#pass"), "admin_password")


@pytest.mark.parametrize(
    "step",
    [
        learnt("In a text", ActionKind.FILL, "#note", value="my password is {{password}}"),
        learnt("Twice", ActionKind.FILL, "#note", value="{{password}}{{password}}"),
        learnt("In an address", ActionKind.GOTO, value="https://tea.example/?p={{password}}"),
        learnt("As an address", ActionKind.GOTO, value="{{password}}"),
        learnt("As a key", ActionKind.PRESS, "#note", value="{{password}}"),
        learnt("As an option", ActionKind.SELECT, "#note", value="{{password}}"),
        learnt("In a selector", ActionKind.CLICK, "[title='{{password}}']"),
        learnt("In an alternative", ActionKind.CLICK, "a", alternatives=(css("#{{password}}"),)),
        learnt("In a control", ActionKind.CLICK, "a", controls=(Control(css("#{{password}}")),)),
        learnt("In a pattern", ActionKind.CLICK, "a", checks=(Check(Matcher.URL, value=Pattern("{{password}}")),)),
        replace(learnt("In a name", ActionKind.CLICK), locator=Locator((Link(By.ROLE, "link", name="{{password}}"),))),
    ],
    ids=lambda step: str(step.intent),
)
def test_a_secret_is_refused_where_it_could_be_seen(step: TaskStep) -> None:
    with pytest.raises(SecretInPlainText, match="“password” may only be typed into a field of its own"):
        SLOTS.bind(step)


def test_words_for_people_leave_out_what_is_not_a_plain_value() -> None:
    step = learnt("Enter {{password}} for {{username}} at {{nowhere}}", ActionKind.CLICK, "a")
    assert SLOTS.bind(step).intent == "Enter ••• for olivia at •••"


def test_a_field_that_holds_a_secret_is_not_read_back() -> None:
    read_back = Check(Matcher.HAS_VALUE, css("#pass"), "{{password}}")
    visible = Check(Matcher.VISIBLE, css("#pass"))
    step = learnt("Enter it", ActionKind.FILL, "#pass", value="{{password}}", checks=(read_back, visible))
    assert SLOTS.bind(step).checks == (visible,)


def test_a_value_that_looks_like_a_slot_is_typed_as_it_is() -> None:
    slots = Slots({"username": "{{password}}", "other": "{{username}}"}, secrets={"password": "admin_password"})
    assert slots.text("{{other}}") == "{{username}}"
    step = learnt("Enter the user name", ActionKind.FILL, "#user", value="{{username}}")
    assert action_for(step, slots) == Fill(css("#user"), "{{password}}")


def test_a_slot_that_nobody_knows_is_named() -> None:
    with pytest.raises(UnknownSlot, match="“color” is not known here"):
        SLOTS.bind(learnt("Choose", ActionKind.SELECT, "#color", value="{{color}}"))


@pytest.mark.parametrize(
    ("step", "action"),
    [
        (learnt("", ActionKind.GOTO, value="https://tea.example/{{username}}"), Open("https://tea.example/olivia")),
        (learnt("", ActionKind.RELOAD), Reload()),
        (learnt("", ActionKind.CLICK, "a"), Click(css("a"))),
        (learnt("", ActionKind.HOVER, "a"), Hover(css("a"))),
        (learnt("", ActionKind.FILL, "a", value="{{username}}"), Fill(css("a"), "olivia")),
        (learnt("", ActionKind.FILL, "a", value=""), Fill(css("a"), "")),
        (learnt("", ActionKind.SELECT, "a", value="read"), Select(css("a"), "read")),
        (learnt("", ActionKind.CHECK, "a"), SetChecked(css("a"), checked=True)),
        (learnt("", ActionKind.UNCHECK, "a"), SetChecked(css("a"), checked=False)),
        (learnt("", ActionKind.CLICK, "a", accepts_dialog=True), Click(css("a"), accepts_dialog=True)),
        (learnt("", ActionKind.PRESS, "a", value="Enter"), Press(css("a"), Key.ENTER)),
        (
            learnt("", ActionKind.PRESS, "a", value="Enter", accepts_dialog=True),
            Press(css("a"), Key.ENTER, accepts_dialog=True),
        ),
        (learnt("", ActionKind.CAPTURE, "a", output="secret"), Capture(css("a"), "secret", secret=True)),
    ],
    ids=lambda one: one.action if isinstance(one, TaskStep) else "",
)
def test_every_kind_of_step_becomes_its_one_action(step: TaskStep, action: Action) -> None:
    assert action_for(step) == action


@pytest.mark.parametrize(
    "step",
    [
        learnt("", ActionKind.SCRIPT, "a", value="alert(1)"),
        learnt("", ActionKind.OPAQUE, "a"),
        learnt("", ActionKind.BACK, "a"),
        learnt("", ActionKind.API, "a"),
        learnt("", ActionKind.PRESS, "a", value="Control+Shift+I"),
        learnt("", ActionKind.CLICK),
    ],
    ids=lambda step: f"{step.action}-{step.value}",
)
def test_what_is_outside_the_closed_set_is_not_done(step: TaskStep) -> None:
    with pytest.raises(NotPerformable):
        action_for(step)
