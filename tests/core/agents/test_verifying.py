"""A step is done once what it should lead to is there: under the name that was learnt, or because it goes on from there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.agents.verifying import GOES_ON, LOOK_ROUND_AFTER, VERIFY_WITHIN
from core.browser.actions import Action, Click
from core.browser.page import Performed, Verdict
from core.planner.planner import Rung
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Check, Matcher
from tests.core.agents.climbed import (
    NOTICES,
    Climb,
    Deed,
    Guesses,
    Suggests,
    element_of,
    first,
    leads_to,
    page_of,
    shows_element,
    there,
)
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen

OPEN = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"))
ADD = learnt("Add a key", ActionKind.CLICK, "#add")
MEANT = Guesses({"Add a key": ("#add-now",), "Open the keys": ("#keys-now",)})


def shop(does: Deed, *after: FakeElement) -> FakePage:
    """Settings whose link does this, beside the keys, which have these elements."""
    hidden = [there("#add", "Add"), FakeElement((NOTICES,))]
    for one in hidden:
        one.visible = False
    page = page_of(there("#keys", does=does), *hidden)
    page.screens["/keys"] = Screen("/keys", "Keys", elements=list(after))
    return page


@pytest.mark.parametrize("add", ["#add", "#add-now"], ids=["as recorded", "under another name"])
async def test_what_should_be_there_may_have_another_name_if_the_page_went_on_to_what_follows(add: str) -> None:
    page = shop(leads_to("/keys"), there(add))
    taken = await Climb(page, (MEANT,)).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.note, page.done) == (True, GOES_ON, [Click(css("#keys"))])


async def test_the_page_has_also_gone_on_if_the_element_is_gone() -> None:
    def instead(page: FakePage) -> None:
        shows_element("#add")(page)
        element_of(page, "#keys").visible = False

    assert (await Climb(shop(instead)).take(OPEN, ADD)).outcome.note == GOES_ON


async def test_it_has_also_gone_on_if_the_next_page_has_that_element_too() -> None:
    page = shop(leads_to("/keys"), there("#keys"), there("#add"))
    assert (await Climb(page).take(OPEN, ADD)).outcome.note == GOES_ON


async def test_nothing_goes_on_where_the_next_element_is_not() -> None:
    taken = await Climb(shop(leads_to("/keys"), there("#other"))).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Keys”")


async def test_it_does_not_go_on_where_the_shop_says_no() -> None:
    page = shop(leads_to("/keys"), there("#add"), FakeElement((NOTICES,)))
    page.screens["/keys"].notice = "You may not."
    taken = await Climb(page).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Keys” says: You may not.")


@pytest.mark.parametrize("before", [True, False], ids=["and has been there before", "and was not there before"])
async def test_it_never_goes_on_from_a_page_that_stayed_whatever_is_there(before: bool) -> None:
    page = shop(shows_element("#add"))
    element_of(page, "#add").visible = before
    taken = await Climb(page, acts=(Suggests(first(there("#keys"))),)).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Settings”")


async def test_a_step_that_is_only_to_be_seen_goes_on_where_it_is() -> None:
    page = shop(lambda page: None)
    shows_element("#add")(page)
    taken = await Climb(page).take(learnt("See the list", ActionKind.ASSERT, checks=shows("#list")), ADD)
    assert (taken.outcome.done, taken.outcome.note) == (True, GOES_ON)


async def test_what_follows_is_only_glanced_at() -> None:
    suggests = Suggests()
    assert not (await Climb(shop(leads_to("/keys")), acts=(suggests,)).take(OPEN, ADD)).outcome.done
    assert [one.step.intent for one in suggests.told] == ["Open the keys"]


@pytest.mark.parametrize("kind", [ActionKind.CLICK, ActionKind.PRESS])
@pytest.mark.parametrize(("leads", "done"), [("/keys", True), ("/nowhere", False)])
async def test_a_guess_without_an_expectation_has_to_lead_to_what_follows(
    kind: ActionKind, leads: str, done: bool
) -> None:
    page = page_of(there("#keys-now", does=leads_to(leads)), more=(Screen("/keys", elements=[there("#add")]),))
    step = learnt("Open the keys", kind, "#keys", value="Enter")
    taken = await Climb(page, (MEANT,)).take(step, ADD)
    assert taken.outcome.done is done
    assert done or taken.outcome.seen == "nothing came of it; the page “Page not found”"


async def test_a_recorded_step_without_an_expectation_need_not() -> None:
    step = learnt("Open the keys", ActionKind.CLICK, "#keys")
    assert (await Climb(shop(leads_to("/nowhere"))).take(step, ADD)).outcome.done


async def test_a_guessed_field_without_an_expectation_need_not() -> None:
    fill = learnt("Name the key", ActionKind.FILL, "#name", value="Tea")
    page = page_of(there("#name-now", role="textbox"))
    assert (await Climb(page, (Guesses({"Name the key": ("#name-now",)}),)).take(fill)).outcome.done


class DrawnList(FakePage):
    """A page whose list is drawn: it has no value, and after a choice it shows `then`."""

    then = ""

    async def perform(self, action: Action) -> Performed:
        performed = await super().perform(action)
        drawn = element_of(self, "#rights-now")
        drawn.value, drawn.text = "", self.then
        return replace(performed, value="Read only")


@pytest.mark.parametrize(("then", "done"), [("Rights: Read only", True), ("Rights: Choose", False)])
async def test_a_list_that_is_drawn_is_held_against_what_it_shows(then: str, done: bool) -> None:
    made = page_of(there("#rights-now", "Rights", "combobox", kind="listbox"))
    page = DrawnList(made.origin, made.screen)
    page.then = then
    page.go("/settings")
    step = learnt("Choose the rights", ActionKind.SELECT, "#rights", value="read", checks=chosen("#rights"))
    taken = await Climb(page, (Guesses({"Choose the rights": ("#rights-now",)}),)).take(step)
    assert taken.outcome.done is done


def chosen(selector: str) -> tuple[Check, ...]:
    """The expectation that this list has been set."""
    return (Check(Matcher.HAS_VALUE, css(selector), "read"),)


class Slow(FakePage):
    """A page on which something comes after so long; time passes only while it is waited for."""

    def __init__(self, page: FakePage, after: timedelta, comes: Callable[[FakePage], None]) -> None:
        super().__init__(page.origin, *page.screens.values())
        self.go(page.screen.path)
        self.waited: list[timedelta] = []
        self._after, self._comes = after, comes

    async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
        self.waited.append(within)
        if sum(self.waited, timedelta()) >= self._after:
            self._comes(self)
        return await super().expect(check, within, unless)


@pytest.mark.parametrize("after", [LOOK_ROUND_AFTER, VERIFY_WITHIN])
async def test_what_is_expected_is_waited_for_and_looked_round_for_in_between(after: timedelta) -> None:
    page = Slow(
        shop(lambda page: page.screen.elements.append(FakeElement((css("#list"),), visible=False))),
        after,
        shows_element("#list"),
    )
    taken = await Climb(page).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.note) == (True, "")
    assert page.waited == [LOOK_ROUND_AFTER, VERIFY_WITHIN - LOOK_ROUND_AFTER][: 1 + (after > LOOK_ROUND_AFTER)]


async def test_what_has_another_name_is_not_waited_for_to_the_end() -> None:
    page = Slow(shop(leads_to("/keys"), there("#add")), VERIFY_WITHIN, lambda page: None)
    assert (await Climb(page).take(OPEN, ADD)).outcome.note == GOES_ON
    assert page.waited == [LOOK_ROUND_AFTER]


async def test_what_comes_late_is_waited_for_where_the_step_was_done() -> None:
    made = page_of(there("#name-now", role="textbox", does=lambda page: None))

    def takes_it(page: FakePage) -> None:
        element_of(page, "#name-now").value = "TEA"

    page = Slow(made, VERIFY_WITHIN, takes_it)
    shouted = (Check(Matcher.HAS_VALUE, css("#name"), "TEA"),)
    fill = learnt("Name the key", ActionKind.FILL, "#name", value="Tea", checks=shouted)
    assert (await Climb(page, (Guesses({"Name the key": ("#name-now",)}),)).take(fill)).outcome.done


async def test_what_the_shop_asks_for_in_between_ends_the_waiting() -> None:
    page = Slow(shop(leads_to("/keys"), there("#code", "One-time code", "textbox")), VERIFY_WITHIN, lambda page: None)
    taken = await Climb(page).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.code) == (False, "only_there")
    assert page.waited == [LOOK_ROUND_AFTER]


@pytest.mark.parametrize(("leads", "done"), [("/keys", True), ("/nowhere", False)])
async def test_a_guess_whose_expectation_held_before_has_to_lead_to_what_follows(leads: str, done: bool) -> None:
    more = (Screen("/keys", elements=[there("#add"), there("#list")]), Screen("/nowhere", elements=[there("#list")]))
    page = page_of(there("#keys-now", does=leads_to(leads)), there("#list"), more=more)
    taken = await Climb(page, (MEANT,)).take(OPEN, ADD)
    assert taken.outcome.done is done
    assert done or taken.outcome.seen.startswith("nothing came of it")


async def test_a_recorded_step_whose_expectation_held_before_need_not() -> None:
    page = page_of(
        there("#keys", does=leads_to("/more")), there("#list"), more=(Screen("/more", elements=[there("#list")]),)
    )
    assert (await Climb(page).take(OPEN, ADD)).outcome.done


async def test_a_guess_that_led_to_what_is_expected_need_not_go_on_though_what_follows_was_there_before() -> None:
    page = page_of(there("#keys-now", does=shows_element("#list")), there("#list"), there("#add"))
    element_of(page, "#list").visible = False
    taken = await Climb(page, (MEANT,)).take(OPEN, ADD)
    assert (taken.outcome.done, taken.outcome.note) == (True, "took #keys-now for it")


async def test_who_decides_is_told_only_of_a_step_that_is_done_on_an_element() -> None:
    page = shop(leads_to("/keys"), there("#list"))
    climb = Climb(page)
    assert (await climb.take(OPEN)).outcome.rung is Rung.RECORDED
    assert (await climb.take(learnt("See the list", ActionKind.ASSERT, checks=shows("#list")))).outcome.rung is None
