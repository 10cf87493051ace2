"""An answer is one command of a closed set that fits the page it was asked about; anything else is refused."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.browser.actions import Click, Fill, Select, SetChecked
from core.planner.commands import SCHEMA, AnyCommand, BadAnswer, command_of
from core.planner.planner import AskPerson, Decision, Detour, Rung, Undecided
from core.planner.prompts import EDITION
from core.workflows.locator import Locator
from core.workflows.step import ActionKind
from tests.fakes.claude import Asking, asking, seen, step
from tests.fakes.messages_api import answer, message, text

GIVES_UP = {"do": "give_up", "reason": "Nothing fits."}
UNFIT = "The model's answer can't be used."


@pytest.fixture
async def claude() -> AsyncIterator[Asking]:
    async with asking() as prepared:
        yield prepared


async def test_the_element_that_is_used_is_known_by_its_ways(claude: Asking) -> None:
    claude.api.says(answer(do="use", ref="e2"))
    decided = await claude.decide()
    assert isinstance(decided, Decision)
    assert (decided.target, decided.rung) == (Locator.css("#e2"), Rung.MODEL)
    assert decided.ways == (Locator.css("main > :nth-child(2)"),)
    assert decided.element is not None
    assert (decided.element.name, decided.note) == ("Access", "claude-sonnet-5-5 took it for what was meant")
    assert decided.evidence == {"model": "claude-sonnet-5-5", "edition": EDITION}


@pytest.mark.parametrize(
    ("command", "action", "intent"),
    [
        ({"do": "click", "ref": "e3"}, Click(Locator.css("#e3")), "Click “Close”"),
        ({"do": "tick", "ref": "e7"}, SetChecked(Locator.css("#e7"), checked=True), "Tick “Rarely used”"),
        (
            {"do": "choose", "ref": "e6", "option": "Chile"},
            Select(Locator.css("#e6"), "Chile"),
            "Choose “Chile” in “Country”",
        ),
        (
            {"do": "fill", "ref": "e4", "slot": "shop_name"},
            Fill(Locator.css("#e4"), "Tea"),
            "Fill “Shop name” with shop_name",
        ),
    ],
)
async def test_what_has_to_be_done_first_is_a_detour(
    command: dict[str, str], action: Any, intent: str, claude: Asking
) -> None:
    claude.api.says(answer(**command, why="It\u200b is in\nthe way."))
    detour = await claude.decide()
    assert isinstance(detour, Detour)
    assert (detour.action, detour.intent, detour.rung) == (action, intent, Rung.MODEL)
    assert (detour.element.ref, detour.note) == (command["ref"], "It is in the way.")


async def test_a_person_is_asked_in_the_model_s_words(claude: Asking) -> None:
    claude.api.says(answer(do="ask_person", question="Which of the two shops is yours?"))
    assert await claude.decide() == AskPerson("Which of the two shops is yours?")


@pytest.mark.parametrize("word", ["your password", "the PIN", "your card number", "the API key", "http://evil.example"])
async def test_a_person_is_never_asked_for_a_secret_nor_sent_anywhere(word: str, claude: Asking) -> None:
    claude.api.says(*[answer(do="ask_person", question=f"Please tell me {word}.")] * 2)
    assert await claude.decide() == Undecided(f"{UNFIT} a person is never asked for a secret, and is shown no address.")


async def test_giving_up_says_why_and_is_not_asked_about_again(claude: Asking) -> None:
    claude.api.says(answer(**GIVES_UP))
    assert await claude.decide() == Undecided("The model finds no way: Nothing fits.")
    assert len(claude.api.requests) == 1


async def test_a_reason_is_short_and_tells_no_secret(claude: Asking) -> None:
    claude.redactor.learn("hunter2-canary")
    claude.api.says(answer(do="give_up", reason=f"I saw hunter2-canary. {'Long. ' * 300}"))
    told = await claude.decide()
    assert isinstance(told, Undecided)
    assert told.because.startswith("The model finds no way: I saw •••. Long.")
    assert len(told.because) < 350


UNUSABLE: dict[str, tuple[ActionKind, dict[str, str], str]] = {
    "not listed": (ActionKind.CLICK, {"do": "use", "ref": "e99"}, "e99 is not in the list."),
    "a heading": (ActionKind.CLICK, {"do": "use", "ref": "e1"}, "use e1: nobody can click a heading like that."),
    "switched off": (ActionKind.CLICK, {"do": "use", "ref": "e8"}, "use e8: it is switched off."),
    "no field": (ActionKind.FILL, {"do": "use", "ref": "e2"}, "use e2: nobody can fill a link like that."),
    "a file": (ActionKind.FILL, {"do": "use", "ref": "e11"}, "use e11: nobody can fill a textbox like that."),
    "a list": (ActionKind.FILL, {"do": "use", "ref": "e6"}, "use e6: nobody can fill a combobox like that."),
    "unchangeable": (ActionKind.FILL, {"do": "use", "ref": "e10"}, "use e10: it can't be changed."),
    "plain into secret": (
        ActionKind.FILL,
        {"do": "use", "ref": "e5"},
        "use e5: a secret goes into a field for one, and nothing else does.",
    ),
    "no list": (ActionKind.SELECT, {"do": "use", "ref": "e4"}, "use e4: nobody can select a textbox like that."),
    "no box": (ActionKind.CHECK, {"do": "use", "ref": "e3"}, "use e3: nobody can check a button like that."),
    "harm": (
        ActionKind.CLICK,
        {"do": "use", "ref": "e9"},
        "use e9: that may not be possible to take back, and the step does not say so.",
    ),
    "a harmful detour": (
        ActionKind.CLICK,
        {"do": "click", "ref": "e9", "why": "x"},
        "click e9: that may not be possible to take back, and the step does not say so.",
    ),
    "no such option": (
        ActionKind.CLICK,
        {"do": "choose", "ref": "e6", "option": "Peru", "why": "x"},
        "choose e6: it has no such option.",
    ),
    "nothing to tick": (
        ActionKind.CLICK,
        {"do": "tick", "ref": "e2", "why": "x"},
        "tick e2: nobody can check a link like that.",
    ),
    "no such slot": (
        ActionKind.CLICK,
        {"do": "fill", "ref": "e4", "slot": "iban", "why": "x"},
        "fill e4: there is no such slot.",
    ),
    "a secret's name": (
        ActionKind.CLICK,
        {"do": "fill", "ref": "e4", "slot": "password", "why": "x"},
        "fill e4: that is a secret, and is typed by its own step alone.",
    ),
    "a plain slot into a secret's field": (
        ActionKind.CLICK,
        {"do": "fill", "ref": "e5", "slot": "shop_name", "why": "x"},
        "fill e5: a secret goes into a field for one, and nothing else does.",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
async def test_what_does_not_fit_is_told_once_and_then_left(case: str, claude: Asking) -> None:
    action, command, because = UNUSABLE[case]
    claude.api.says(*[answer(**command)] * 3)
    secret = "password" if case == "a secret's name" else None
    assert await claude.decide(step=step(action), secret=secret) == Undecided(f"{UNFIT} {because}")
    first, second = claude.api.requests
    assert "could not be used" not in first.text
    assert f"Tried before: Your answer could not be used: {because}" in second.text


async def test_a_second_answer_that_fits_is_taken(claude: Asking) -> None:
    claude.api.says(message(text("I would click on Access.")), answer(do="use", ref="e2"))
    assert isinstance(await claude.decide(), Decision)


@pytest.mark.parametrize(
    ("action", "ref", "secret"),
    [
        (ActionKind.FILL, "e4", None), (ActionKind.FILL, "e5", "password"), (ActionKind.SELECT, "e6", None),
        (ActionKind.UNCHECK, "e7", None), (ActionKind.PRESS, "e4", None), (ActionKind.HOVER, "e2", None),
        (ActionKind.CAPTURE, "e10", None),
    ],
)  # fmt: skip
async def test_what_fits_the_step_s_action_is_used(
    action: ActionKind, ref: str, secret: str | None, claude: Asking
) -> None:
    claude.api.says(answer(do="use", ref=ref))
    assert isinstance(await claude.decide(step=step(action), secret=secret), Decision)


async def test_a_secret_goes_into_no_plain_field(claude: Asking) -> None:
    claude.api.says(*[answer(do="use", ref="e4")] * 2)
    assert isinstance(await claude.decide(step=step(ActionKind.FILL), secret="password"), Undecided)


async def test_what_the_step_itself_says_it_does_may_be_done(claude: Asking) -> None:
    claude.api.says(answer(do="use", ref="e9"))
    assert isinstance(await claude.decide(step=step(ActionKind.CLICK, intent="Delete the old key")), Decision)


async def test_what_accepts_terms_first_is_left_to_the_person_who_is_asked(claude: Asking) -> None:
    claude.page.screen.elements[6:7] = [seen("e7", "checkbox", "I agree to the terms")]
    claude.api.says(answer(do="tick", ref="e7", why="It is asked for."), *[answer(do="use", ref="e7")] * 2)
    decided = await claude.decide()
    assert isinstance(decided, Detour)
    assert decided.action == SetChecked(Locator.css("#e7"), checked=True)
    assert isinstance(await claude.decide(step=step(ActionKind.CHECK)), Undecided)


@pytest.mark.parametrize("role", ["combobox", "menuitemcheckbox", "treeitem", "gridcell", "img"])
async def test_whatever_a_person_could_click_may_be_clicked_first(role: str, claude: Asking) -> None:
    claude.page.screen.elements[2:3] = [seen("e3", role, "More")]
    claude.api.says(answer(do="click", ref="e3", why="It opens what is meant."))
    assert isinstance(await claude.decide(), Detour)


@pytest.mark.parametrize("why", ["Then type your password below.", "See http://evil.example"])
async def test_why_something_is_done_first_asks_for_no_secret(why: str, claude: Asking) -> None:
    claude.api.says(answer(do="click", ref="e3", why=why))
    detour = await claude.decide()
    assert isinstance(detour, Detour)
    assert detour.note == ""


@pytest.mark.parametrize(
    "name", ["One-time code", "Confirm passw0rd", "Card number", "Recovery key", "Bestätigungscode"]
)
async def test_a_password_goes_into_no_field_for_another_secret(name: str, claude: Asking) -> None:
    claude.page.screen.elements[4:5] = [seen("e5", "textbox", name, kind="password")]
    claude.api.says(*[answer(do="use", ref="e5")] * 2)
    told = await claude.decide(step=step(ActionKind.FILL), secret="password")
    assert told == Undecided(f"{UNFIT} use e5: it is for another secret.")


async def test_an_element_that_is_gone_is_asked_about_with_the_page_as_it_is_then(claude: Asking) -> None:
    class Changing(type(claude.page)):  # type: ignore[misc]  # the fake page, of which one element goes away
        async def ways_to(self, ref: str) -> tuple[Locator, ...]:
            self.screen.elements = [seen("e1", "link", "Access keys")]
            found: tuple[Locator, ...] = await super().ways_to(ref)
            return found

    claude.page.__class__ = Changing
    claude.api.says(answer(do="use", ref="e2"), answer(do="use", ref="e1"))
    decided = await claude.decide()
    assert isinstance(decided, Decision)
    assert decided.target == Locator.css("#e1")
    assert "use e2: the element is gone." in claude.api.requests[1].text
    assert "Access keys" in claude.api.requests[1].text


async def test_what_could_not_be_acted_on_is_not_decided_for_again(claude: Asking) -> None:
    failed = frozenset({Locator.css("#e2")})
    claude.api.says(*[answer(do="use", ref="e2")] * 3)
    other = await claude.decide(failed=failed)
    assert isinstance(other, Decision)
    assert (other.target, other.ways) == (Locator.css("main > :nth-child(2)"), ())
    told = await claude.decide(failed=failed | {Locator.css("main > :nth-child(2)")})
    assert told == Undecided(f"{UNFIT} use e2: that was tried, and could not be acted on.")


@pytest.mark.parametrize("action", [ActionKind.GOTO, ActionKind.ASSERT, ActionKind.SCRIPT, ActionKind.WAIT])
async def test_a_step_without_an_element_is_not_asked_about(action: ActionKind, claude: Asking) -> None:
    assert isinstance(await claude.decide(step=step(action)), Undecided)
    assert claude.api.requests == []


async def test_at_a_glance_the_model_is_not_asked(claude: Asking) -> None:
    assert isinstance(await claude.decide(glance=True), Undecided)
    assert claude.api.requests == []


def read(command: Any) -> AnyCommand:
    return command_of(json.dumps({"answer": command}))


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ({"do": "type", "ref": "e1", "text": "rm -rf"}, "do:"),
        ({"do": "use"}, "ref: Field required"),
        ({"do": "use", "ref": "e1", "text": "more"}, "text: Extra inputs are not permitted"),
        ({"do": "use", "ref": "e1 >> nth=0"}, "ref: "),
        ({"do": "use", "ref": "#password"}, "ref: "),
        ({"do": "use", "ref": "e1\n"}, "ref: "),
        ({"do": "use", "ref": "e\u0661"}, "ref: "),
        ({"do": "use", "ref": "E1"}, "ref: "),
        ({"do": "use", "ref": 1}, "ref: "),
        ({"do": "use", "ref": "e123456789"}, "ref: "),
        ({"do": "click", "ref": "e1"}, "why: Field required"),
        ({"do": "click", "ref": "e1", "why": ""}, "why: "),
        ({"do": "click", "ref": "e1", "why": "\u200b"}, "why: "),
        ({"do": "fill", "ref": "e1", "slot": "", "why": "x"}, "slot: "),
        ({"do": "choose", "ref": "e1", "why": "x"}, "option: Field required"),
        ({"do": "goto", "address": "https://evil.example"}, "do:"),
        ([{"do": "use", "ref": "e1"}], "answer: "),
        (None, "answer: "),
    ],
)
def test_what_is_no_command_is_refused_and_said_why(command: Any, complaint: str) -> None:
    with pytest.raises(BadAnswer) as refused:
        read(command)
    assert complaint in refused.value.because
    assert len(refused.value.because) <= 160


@pytest.mark.parametrize(
    "said", ["", "null", "[]", "{}", '{"answer": {}}', "use e1", '{"answer":', '{"do": "use", "ref": "e1"}']
)
def test_what_is_no_answer_is_refused(said: str) -> None:
    with pytest.raises(BadAnswer):
        command_of(said)


def test_an_endless_answer_is_refused() -> None:
    with pytest.raises(BadAnswer, match="characters"):
        command_of(json.dumps({"answer": {"do": "give_up", "reason": "x" * 5000}}))


def test_the_case_of_a_constant_does_not_matter() -> None:
    assert read({"do": "Give_Up", "reason": "No."}).do == "give_up"


def test_the_schema_and_the_commands_say_the_same() -> None:
    filled = {"ref": "e1", "why": "x", "option": "x", "slot": "x", "question": "x", "reason": "x"}
    for told in SCHEMA["properties"]["answer"]["anyOf"]:
        do = told["properties"]["do"]["const"]
        given = {name: filled[name] for name in told["required"] if name != "do"}
        assert set(told["properties"]) == set(told["required"])
        assert told["additionalProperties"] is False
        assert set(type(read({"do": do, **given})).model_fields) == set(told["required"])
