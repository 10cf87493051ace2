"""A step that fails is tried in other ways, one rung after the other: as far as it does no harm, and no further."""

from dataclasses import replace

import pytest

from core.agents.budget import MOST_FAILURES
from core.agents.policy import IRREVERSIBLE, Policy
from core.agents.step import MOST_TRIES
from core.browser.actions import Action, Click, Hover, Open
from core.browser.page import ActionFailed, BrowserPage, Performed
from core.browser.snapshot import Snapshot
from core.planner.planner import Choice, Detour, Rung, Situation
from core.workflows.step import ActionKind, TaskStep
from tests.core.agents.climbed import (
    SHOP,
    Climb,
    Deed,
    Guesses,
    Suggests,
    both,
    element_of,
    first,
    leads_to,
    page_of,
    renamed,
    there,
)
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.person import NO, YES, ScriptedPerson

OPEN = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"))
GENERATE = learnt("Generate the key", ActionKind.CLICK, "#generate", checks=shows("#new-key"))
DELETE = learnt("Delete the key", ActionKind.CLICK, "#generate", checks=shows("#new-key"))
READ = learnt("Read the key", ActionKind.CAPTURE, "#key", output="key")
KEYS = Screen("/keys", "Keys", elements=[FakeElement((css("#list"),))])


def settings(*elements: FakeElement, keys: str = "#keys") -> FakePage:
    """Settings that lead to the keys."""
    return page_of(there(keys, "Keys", does=leads_to("/keys")), *elements, more=(KEYS,))


def noting(climb: Climb, words: str, does: Deed) -> Deed:
    """What also leaves a note in the log."""

    def deed(page: FakePage) -> None:
        climb.log.happened.append(words)
        does(page)

    return deed


def uncover(page: FakePage) -> None:
    """Close what lies over the first element."""
    page.screen.elements[0].covered, page.screen.elements[1].visible = False, False


def covered_settings() -> tuple[FakePage, Detour]:
    """Settings whose link is covered, and what would clear the way."""
    close = there("#close", "Close", does=uncover)
    page = settings(close)
    page.screen.elements[0].covered = True
    return page, first(close)


async def test_what_is_covered_is_no_wrong_place_something_else_is_done_first_and_then_the_step() -> None:
    page, close = covered_settings()
    suggests = Suggests(close)
    climb = Climb(page, acts=(suggests,))
    assert (await climb.take(OPEN)).outcome.done
    assert page.done == [Click(css("#close")), Click(css("#keys"))]
    assert [(one.stayed, one.failed) for one in suggests.told] == [(True, frozenset())]
    assert climb.way == [
        ("Open the keys", Rung.RECORDED),
        ("Close what lies over the page", Rung.MODEL),
        ("Open the keys", Rung.RECORDED),
    ]


async def test_what_could_not_be_acted_on_is_not_tried_again_but_the_next_rung_is_asked() -> None:
    page = settings(there("#keys"), keys="#credentials")
    element_of(page, "#keys").enabled = False
    guesses = Guesses({"Open the keys": ("#keys", "#credentials")})
    climb = Climb(page, (guesses,))
    taken = await climb.take(OPEN)
    assert (taken.outcome.done, taken.outcome.note) == (True, "took #credentials for it")
    assert page.done == [Click(css("#credentials"))]
    assert guesses.told[-1].failed == {css("#keys")}
    assert guesses.told[-1].tried == ("It is covered, hidden or switched off.",)


async def test_a_place_that_led_elsewhere_is_not_tried_again_either() -> None:
    page = settings(there("#older", does=leads_to("/elsewhere")))
    elsewhere = Screen("/elsewhere", "Elsewhere", elements=[there("#older"), *page.screen.elements[:1]])
    page.screens[elsewhere.path] = elsewhere
    step = replace(OPEN, locator=css("#older"))
    assert (await Climb(page, (Guesses({"Open the keys": ("#older", "#keys")}),)).take(step)).outcome.done
    assert page.done == [Click(css("#older")), Click(css("#keys"))]


async def test_what_failed_first_is_told_if_nothing_works() -> None:
    page = settings(there("#wrong", does=leads_to("/wrong")))
    page.screen.elements[0].does = leads_to("/right")
    page.screens["/right"] = Screen("/right", "Nearly", elements=page.screen.elements)
    page.screens["/wrong"] = Screen("/wrong", "Elsewhere")
    taken = await Climb(page, (Guesses({"Open the keys": ("#wrong",)}),)).take(OPEN)
    assert page.done == [Click(css("#keys")), Click(css("#wrong"))]
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Nearly”")


async def test_what_is_done_first_is_recorded_with_its_rung_before_it_is_done() -> None:
    page, close = covered_settings()
    climb = Climb(page, acts=(Suggests(close),))
    page.screen.elements[1].does = noting(climb, "closed", uncover)
    await climb.take(OPEN)
    intent = climb.log.intended[1]
    assert (intent.step.intent, intent.step.action) == ("Close what lies over the page", "first")
    assert (intent.decision.rung, intent.decision.note) == (Rung.MODEL, "it is in the way")
    assert (intent.decision.element, intent.page_url) == (close.element, f"{SHOP}/settings")
    happened = climb.log.happened
    assert happened.index("intended: Close what lies over the page") < happened.index("closed")


@pytest.mark.parametrize(
    ("role", "following", "hidden_after"),
    [("button", (READ,), 0), ("link", (READ,), None), ("button", (), None)],
    ids=["a button", "a link", "nothing is read"],
)
@pytest.mark.parametrize("rung", [Rung.MODEL, Rung.LIKENESS])
async def test_the_page_is_kept_from_view_before_a_button_is_pressed_first_where_a_key_is_read_later(
    role: str, following: tuple[TaskStep, ...], hidden_after: int | None, rung: Rung
) -> None:
    """Who knows what a button makes, and shows; a link leads somewhere."""
    page, _ = covered_settings()
    page.screen.elements[1] = close = there("#close", "Close", role, does=uncover)
    climb = Climb(page, acts=(Suggests(first(close, rung=rung)),))
    assert (await climb.take(OPEN, *following)).outcome.done
    assert page.done == [Click(css("#close")), Click(css("#keys"))]
    assert page.hidden_after == hidden_after


@pytest.mark.parametrize("name", ["Delete all keys", "Pay now", "Publish it"])
async def test_nothing_harmful_is_done_first(name: str) -> None:
    harmful = there("#harm", name)
    suggests = Suggests(first(harmful, "Do it"))
    climb = Climb(page_of(harmful), acts=(suggests,))
    taken = await climb.take(OPEN)
    assert (taken.outcome.done, climb.page.done, climb.way) == (False, [], [])
    assert suggests.told[-1].tried == ("Do it: refused. What would have to be done first can't be taken back.",)
    assert suggests.told[-1].failed == {css("#harm")}


async def test_a_way_that_could_not_be_cleared_is_told_and_not_tried_again() -> None:
    page, close = covered_settings()
    page.screen.elements[1].enabled = False
    suggests = Suggests(close)
    taken = await Climb(page, acts=(suggests,)).take(OPEN)
    assert (taken.outcome.done, page.done) == (False, [])
    assert suggests.told[-1].tried[-1] == "Close what lies over the page: It is covered, hidden or switched off."
    assert (suggests.told[-1].stayed, set(suggests.told[-1].failed)) == (True, {css("#close")})


async def test_then_a_person_is_asked() -> None:
    page, close = covered_settings()
    page.screen.elements[1].enabled = False
    person = ScriptedPerson(NO)
    await Climb(page, acts=(Suggests(close),), person=person).take(OPEN)
    assert [one.words for one in person.asked] == [
        "I can't tell where to do this: Open the keys. Which of these is it?"
    ]


async def test_three_things_in_a_row_that_did_not_work_are_enough() -> None:
    page, close = covered_settings()
    page.screen.elements[1].enabled = False
    other = there("#other", "Go away")
    other.enabled = False
    page.screen.elements.append(other)
    suggests = Suggests(close, first(other))
    taken = await Climb(page, acts=(suggests,), person=ScriptedPerson(NO)).take(OPEN)
    assert (taken.outcome.code, len(suggests.told)) == ("gave_up", 2)
    assert "3 things in a row did not work" in taken.outcome.seen


async def test_what_was_refused_did_not_fail() -> None:
    page = settings()
    page.screen.elements[0].covered = True
    harmful = [there(f"#harm{number}", "Delete all") for number in range(2)]
    page.screen.elements += harmful
    person = ScriptedPerson(NO)
    await Climb(page, acts=(Suggests(*map(first, harmful)),), person=person).take(OPEN)
    assert len(person.asked) == 1


async def test_what_names_no_element_or_cannot_be_taken_back_by_the_service_is_not_done_first() -> None:
    go = there("#go", "Go on")
    page = page_of(go, FakeElement((both(css("#go"), css(".revoke")),)))
    opens = replace(first(go, "Look elsewhere"), action=Open("/elsewhere"))
    suggests = Suggests(opens, first(go, "Go on"))
    climb = Climb(page, acts=(suggests,), policy=Policy(SHOP, irreversible=(css(".revoke"),)))
    assert not (await climb.take(OPEN)).outcome.done
    assert (page.done, climb.way) == ([], [])
    assert [told.partition(": ")[2][:22] for told in suggests.told[-1].tried] == [
        "refused. It names no e",
        "refused. What was foun",
    ]


@pytest.mark.parametrize("says_yes", [True, False])
async def test_to_accept_terms_on_the_way_is_for_a_person_to_allow(says_yes: bool) -> None:
    page, close = covered_settings()
    accept = replace(close.element, name="Accept the terms")
    next(one for one in page.screen.elements if one.seen == close.element).seen = accept
    suggests = Suggests(replace(close, element=accept, intent="Accept them"))
    person = ScriptedPerson(YES) if says_yes else None
    taken = await Climb(page, acts=(suggests,), person=person).take(OPEN)
    assert taken.outcome.done is says_yes
    assert (Click(css("#close")) in page.done) is says_yes
    if person:
        assert [one.words for one in person.asked] == [
            "This can't be taken back: Accept them. Press button “Accept the terms”. Shall I?"
        ]


async def test_clearing_the_way_to_what_can_not_be_taken_back_is_itself_nothing_to_be_asked_for() -> None:
    page, close = covered_settings()
    person = ScriptedPerson(YES, YES)
    step = replace(OPEN, intent="Delete the keys")
    assert (await Climb(page, acts=(Suggests(close),), person=person).take(step)).outcome.done
    assert [one.words for one in person.asked] == ["This can't be taken back: Delete the keys. Shall I?"] * 2


async def test_known_trouble_ends_it_at_once_and_nobody_is_asked() -> None:
    async def says_no(seen: str) -> bool:
        return "wrong password" in seen

    for failing in (there("#keys"), there("#gone")):
        page = page_of(failing, there("#other"))
        page.screen.notice = "wrong password"
        suggests, person = Suggests(first(page.screen.elements[1])), ScriptedPerson(YES)
        guesses = Guesses({})
        acts = (suggests,) if failing.locators == (css("#keys"),) else ()
        taken = await Climb(page, (guesses,), acts, person, says_no=says_no).take(OPEN)
        assert (taken.outcome.done, taken.outcome.seen.partition(";")[0]) in {
            (False, "the page “Settings” says: wrong password"),
            (False, "“#keys” is not there"),
        }
        assert (suggests.told, person.asked) == ([], [])


class Ever:
    """A rung that always has something else to be done first, and finds a page that looks new each time."""

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        assert isinstance(page, FakePage)
        page.screen.elements.append(there(f"#more-{len(page.screen.elements)}"))
        return first(page.screen.elements[-1])


async def test_one_step_is_tried_so_many_times_at_most() -> None:
    page = page_of()
    taken = await Climb(page, acts=(Ever(),)).take(OPEN)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "It was tried in every way that is known.")
    assert len(page.done) == MOST_TRIES == 6


async def test_so_many_failures_in_a_row_end_it_and_both_reasons_are_told() -> None:
    page = page_of(*(there(f"#{number}") for number in range(5)))
    for one in page.screen.elements:
        one.enabled = False
    step = replace(OPEN, locator=css("#0"))
    guesses = Guesses({"Open the keys": ("#1", "#2", "#3", "#4")})
    taken = await Climb(page, (guesses,)).take(step)
    gave_up = f"The agent got no further, and stopped. {MOST_FAILURES} things in a row did not work."
    assert taken.outcome.seen == f"It is covered, hidden or switched off; {gave_up}"
    assert taken.outcome.code == "gave_up"


async def test_what_works_in_another_way_ends_the_failures_in_a_row() -> None:
    page = settings(there("#keys"), keys="#credentials")
    element_of(page, "#keys").enabled = False
    climb = Climb(page, (Guesses({"Open the keys": ("#credentials",)}),))
    for _ in range(MOST_FAILURES):
        page.go("/settings")
        assert (await climb.take(OPEN)).outcome.done


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_whatever_is_done_counts_and_also_what_is_done_first(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.agents.budget.MOST_ACTIONS", most)
    page, close = covered_settings()
    taken = await Climb(page, acts=(Suggests(close),)).take(OPEN)
    assert (taken.outcome.done, taken.outcome.code) == (False, "gave_up")
    assert page.done == [Click(css("#close"))][: most // 2]


async def test_what_was_reached_on_the_way_is_a_success_that_ends_the_failures_in_a_row() -> None:
    page, close = covered_settings()
    page.screen.elements[1].does = leads_to("/keys")
    climb = Climb(page, acts=(Suggests(*[close] * 3),))
    for _ in range(MOST_FAILURES):
        page.go("/settings")
        page.screen.elements[0].covered = True
        assert (await climb.take(OPEN)).outcome.done


class Busy(FakePage):
    """A page that does not answer when it is looked at closely."""

    async def snapshot(self) -> Snapshot:
        raise ActionFailed(because="The page is too busy to answer.")


async def test_a_page_that_answers_no_more_is_an_outcome() -> None:
    page = Busy(SHOP, *settings().screens.values())
    page.go("/settings")
    element_of(page, "#keys").enabled = False
    climb = Climb(page)
    taken = await climb.take(OPEN)
    seen = "It is covered, hidden or switched off; The page did not let this be done. The page is too busy to answer."
    assert (taken.outcome.done, taken.outcome.seen) == (False, seen)
    assert climb.log.outcomes == [(1, taken.outcome)]


async def test_what_was_changed_after_it_was_looked_at_is_left_alone() -> None:
    """A page shows something harmless, and puts something else in its place."""
    page, close = covered_settings()
    shown = next(one for one in page.screen.elements if one.seen == close.element)
    shown.seen = replace(close.element, name="Delete everything")
    taken = await Climb(page, acts=(Suggests(close),)).take(OPEN)
    assert not taken.outcome.done
    assert Click(css("#close")) not in page.done


ACCEPTED = replace(OPEN, accepted=(css("#healed"),))


async def test_a_place_that_staff_accepted_is_taken_proven_and_not_proposed_again() -> None:
    page = settings(keys="#healed")
    climb = Climb(page)
    outcome = (await climb.take(ACCEPTED)).outcome
    assert (outcome.done, outcome.rung, outcome.note) == (True, Rung.ACCEPTED, "found where staff accepted it")
    assert outcome.healing is None
    assert page.done[-1] == Click(css("#healed"))


async def test_but_not_what_stands_there_now_if_that_does_harm() -> None:
    page = page_of(there("#healed", "Delete store", does=leads_to("/keys")), more=(KEYS,))
    outcome = (await Climb(page).take(ACCEPTED)).outcome
    assert (outcome.done, outcome.seen, page.done) == (False, IRREVERSIBLE, [])


async def test_nor_what_changes_under_the_pointer() -> None:
    class Changing(FakePage):
        async def perform(self, action: Action) -> Performed:
            if isinstance(action, Hover):
                renamed(self, "#healed")()
            return await super().perform(action)

    page = Changing(SHOP, settings(keys="#healed").screen, KEYS)
    page.go("/settings")
    outcome = (await Climb(page).take(ACCEPTED)).outcome
    assert (outcome.done, outcome.seen) == (False, "It changed after it was looked at.")
    assert Click(css("#healed")) not in page.done
