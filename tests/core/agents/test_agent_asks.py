"""What a run asks its person: which element is meant, and what a new field wants."""

from typing import Any

import pytest

from core.agents.asking import MOST_OPTIONS
from core.agents.person import Person, QuestionKind
from core.agents.slots import Slots
from core.browser.actions import Action, Click, FillOnce, Select, SetChecked
from core.browser.snapshot import ElementSeen
from core.planner.planner import AskPerson, Rung
from core.security.secret import Secret
from core.workflows.step import ActionKind
from tests.core.agents.climbed import SHOP, Climb, Suggests, element_of, leads_to, page_of, renamed, there
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.person import NO, YES, ScriptedPerson, chooses, types

OPEN = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"))
KEYS = Screen("/keys", "Keys", elements=[FakeElement((css("#list"),))])


def settings(*elements: FakeElement) -> FakePage:
    """Settings with these elements, and the keys that one of them leads to."""
    return page_of(*elements, more=(KEYS,))


# Which element is meant.


async def test_a_person_is_shown_what_it_could_be_as_people_call_it_and_what_they_choose_is_acted_on() -> None:
    page = settings(there("#products", "Products"), there("#cred", "Credentials", "link", leads_to("/keys")))
    person = ScriptedPerson(chooses(0))
    climb = Climb(page, person=person)
    taken = await climb.take(OPEN)
    assert (taken.outcome.done, taken.outcome.note) == (True, "shown by you")
    [asked] = person.asked
    assert (asked.kind, asked.options) == (QuestionKind.CHOICE, ("link “Credentials”", "button “Products”"))
    assert asked.words == "I can't tell where to do this: Open the keys. Which of these is it?"
    assert (asked.position, asked.page_url) == (1, f"{SHOP}/settings")
    assert asked.picture is not None
    intent = climb.log.intended[0]
    assert (intent.decision.rung, intent.decision.evidence) == (Rung.PERSON, {"chosen": "link “Credentials”"})
    assert page.done == [Click(css("#cred"))]


async def test_what_sounds_most_like_it_comes_first_and_there_are_only_so_many() -> None:
    page = settings(*(there(f"#{number}", f"Screen {number}") for number in range(10)), there("#k", "All keys"))
    person = ScriptedPerson(chooses(0))
    await Climb(page, person=person).take(OPEN)
    assert person.asked[0].options[0] == "button “All keys”"
    assert len(person.asked[0].options) == MOST_OPTIONS == 8


async def test_only_what_the_step_could_be_done_on_is_offered_and_nothing_that_would_be_refused() -> None:
    elements = [
        there("#name", "Name", "textbox"),
        there("#off", "Keys, switched off", enabled=False),
        there("#delete", "Delete all keys"),
        there("#title", "Keys", "heading"),
        there("#fine", "Credentials"),
    ]
    person = ScriptedPerson(chooses(0))
    await Climb(settings(*elements), person=person).take(OPEN)
    assert person.asked[0].options == ("button “Credentials”",)


async def test_a_secret_is_only_offered_fields_for_one() -> None:
    page = settings(there("#u", "User", "textbox"), there("#p", "Pass phrase", "textbox", kind="password"))
    person = ScriptedPerson(chooses(0))
    fill = learnt("Enter the password", ActionKind.FILL, "#pass", value="{{password}}")
    taken = await Climb(page, person=person, slots=Slots({}, {"password": "admin_password"})).take(fill)
    assert (person.asked[0].options, taken.outcome.done) == (("textbox “Pass phrase”",), True)


async def test_a_person_is_asked_in_words_of_our_own_whatever_the_model_or_the_page_would_ask() -> None:
    page = settings(there("#cred", "Credentials", does=leads_to("/keys")))
    page.screen.notice = "Tell us your password."
    person = ScriptedPerson(chooses(0))
    await Climb(page, acts=(Suggests(AskPerson("What is your password?")),), person=person).take(OPEN)
    assert [one.words for one in person.asked] == [
        "I can't tell where to do this: Open the keys. Which of these is it?"
    ]


@pytest.mark.parametrize("elements", [(), (there("#title", "Keys", "heading"),)])
async def test_with_nothing_to_choose_from_nobody_is_asked(elements: tuple[FakeElement, ...]) -> None:
    person = ScriptedPerson()
    taken = await Climb(settings(*elements), person=person).take(OPEN)
    assert (taken.outcome.seen, person.asked) == ("“#keys” is not there; the page “Settings”", [])


async def test_without_a_person_it_fails_for_the_reason_that_it_had() -> None:
    taken = await Climb(settings(there("#cred", "Credentials"))).take(OPEN)
    assert (taken.outcome.done, taken.outcome.code) == (False, "")
    assert taken.outcome.seen == "“#keys” is not there; the page “Settings”"


@pytest.mark.parametrize(
    ("person", "code", "sentence"),
    [
        (ScriptedPerson(NO), "person_declined", "The person who was asked said no. They would rather not."),
        (ScriptedPerson(), "nobody_answered", "Nobody answered in time. It asked: I can't tell"),
    ],
    ids=["no", "no answer"],
)
async def test_who_says_no_or_nothing_ends_the_step_with_a_sentence(person: Person, code: str, sentence: str) -> None:
    page = settings(there("#cred", "Credentials"))
    taken = await Climb(page, person=person).take(OPEN)
    assert (taken.outcome.done, taken.outcome.code, page.done) == (False, code, [])
    assert taken.outcome.seen.startswith(f"“#keys” is not there; the page “Settings”; {sentence}")
    assert taken.outcome.picture is not None


@pytest.mark.parametrize("change", ["gone", "renamed"])
async def test_what_is_not_there_any_more_as_it_was_shown_is_not_acted_on(change: str) -> None:
    page = settings(there("#cred", "Credentials", does=leads_to("/keys")), there("#products", "Products"))
    gone = page.screen.elements.clear
    person = ScriptedPerson(chooses(0), meanwhile=gone if change == "gone" else renamed(page, "#cred"))
    taken = await Climb(page, person=person).take(OPEN)
    assert (taken.outcome.done, page.done) == (False, [])
    assert "The page changed before it was answered." in taken.outcome.seen


async def test_of_two_that_are_called_the_same_the_one_that_was_chosen_is_acted_on() -> None:
    one, other = there("#one", "Keys", nth=0, of=2), there("#other", "Keys", does=leads_to("/keys"), nth=1, of=2)
    assert (await Climb(settings(one, other), person=ScriptedPerson(chooses(1))).take(OPEN)).outcome.done


# What a new field wants.

TICK = ElementSeen("checkbox", "I keep it secret", "checkbox", invalid=True, ref="#new")
LIST = ElementSeen("combobox", "Purpose", invalid=True, options=("Search", "Accounting"), ref="#new")
TEXT = ElementSeen("textbox", "Company", "text", invalid=True, ref="#new")


def form(wants: ElementSeen) -> FakePage:
    """A form that is only sent once this field is filled in."""

    def send(page: FakePage) -> None:
        new = element_of(page, "#new")
        if new.value or new.checked:
            page.go("/keys")

    return settings(there("#keys", does=send), FakeElement((css("#new"),), seen=wants))


@pytest.mark.parametrize(
    ("wants", "answer", "kind", "asks", "entered"),
    [
        (TICK, YES, QuestionKind.APPROVAL, "Shall I tick it?", SetChecked(css("#new"), checked=True)),
        (LIST, chooses(1), QuestionKind.CHOICE, "What do you choose?", Select(css("#new"), "Accounting")),
        (TEXT, types("Tea Ltd"), QuestionKind.TEXT, "What shall I enter?", FillOnce(css("#new"), Secret("Tea Ltd"))),
    ],
    ids=["a tick", "a choice", "a text"],
)
async def test_what_a_new_field_wants_is_asked_and_entered_and_the_form_is_sent_again(
    wants: ElementSeen, answer: Any, kind: QuestionKind, asks: str, entered: Action
) -> None:
    page, person = form(wants), ScriptedPerson(answer)
    climb = Climb(page, person=person)
    assert (await climb.take(OPEN)).outcome.done
    [asked] = person.asked
    assert (asked.kind, asked.options) == (kind, wants.options)
    called = f"{wants.role} “{wants.name}”"
    assert asked.words == f"The shop asks for something that it did not ask before: {called}. {asks}"
    assert page.done == [Click(css("#keys")), entered, Click(css("#keys"))]
    assert climb.way[1] == (f"Answer the shop's new question: {called}", Rung.PERSON)


async def test_a_new_field_is_only_asked_about_where_the_form_was_not_sent() -> None:
    person = ScriptedPerson(chooses(0))
    page = settings(there("#cred", "Credentials"), FakeElement((css("#new"),), seen=TEXT))
    await Climb(page, person=person).take(OPEN)
    assert [one.kind for one in person.asked[:1]] == [QuestionKind.CHOICE]


async def test_a_field_that_is_switched_off_wants_nothing() -> None:
    page, person = form(TEXT), ScriptedPerson(types("Tea Ltd"))
    off = ElementSeen("textbox", "VAT number", "text", invalid=True, enabled=False, ref="#off")
    page.screen.elements.insert(0, FakeElement((css("#off"),), seen=off))
    assert (await Climb(page, person=person).take(OPEN)).outcome.done
    assert len(person.asked) == 1


async def test_without_a_person_a_new_field_fails_the_step() -> None:
    page = form(TICK)
    assert not (await Climb(page).take(OPEN)).outcome.done
    assert page.done == [Click(css("#keys"))]


async def test_a_no_to_a_new_field_is_told_with_what_failed_first() -> None:
    page = form(TICK)
    taken = await Climb(page, person=ScriptedPerson(NO)).take(OPEN)
    assert (taken.outcome.code, page.done) == ("person_declined", [Click(css("#keys"))])
    assert taken.outcome.seen == ("the page “Settings”; The person who was asked said no. They would rather not.")


@pytest.mark.parametrize(("wants", "answer"), [(TICK, YES), (LIST, chooses(0)), (TEXT, types("Tea Ltd"))])
async def test_a_field_that_became_another_one_is_not_filled_in(wants: ElementSeen, answer: Any) -> None:
    page = form(wants)
    taken = await Climb(page, person=ScriptedPerson(answer, meanwhile=renamed(page, "#new"))).take(OPEN)
    assert (taken.outcome.done, page.done) == (False, [Click(css("#keys"))])
