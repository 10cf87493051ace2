"""Whether a conditional step is taken where its condition is there, but not under the name that was learnt."""

from dataclasses import replace

import pytest

from core.browser.actions import Click
from core.workflows.step import ActionKind, Control, TaskStep
from tests.core.agents.climbed import Climb, Guesses, Suggests, first, leads_to, page_of, there
from tests.core.agents.learnt import css, learnt
from tests.fakes.page import Screen

CONFIRM = learnt("Confirm the address", ActionKind.CLICK, "#confirm", controls=(Control(css("#confirm")),))
NEXT = learnt("Open the keys", ActionKind.CLICK, "#keys")
RENAMED = {"Confirm the address": ("#correct",)}


async def test_what_the_step_is_done_on_counts_as_there_if_it_is_there_under_another_name() -> None:
    page = page_of(there("#correct", does=leads_to("/")), more=(Screen("/", elements=[there("#moved-keys")]),))
    climb = Climb(page, (Guesses(RENAMED | {"Open the keys": ("#moved-keys",)}),))
    taken = await climb.take(CONFIRM, NEXT)
    assert (taken.outcome.done, taken.outcome.skipped, page.done) == (True, False, [Click(css("#correct"))])


async def test_it_is_skipped_if_it_is_not_there_under_any_name() -> None:
    page = page_of(there("#moved-keys"))
    taken = await Climb(page, (Guesses(RENAMED),)).take(CONFIRM, NEXT)
    assert (taken.outcome.done, taken.outcome.skipped, page.done) == (True, True, [])


@pytest.mark.parametrize("named_by", ["alternatives", "accepted"])
async def test_a_condition_on_another_name_of_the_step_is_one_on_its_element(named_by: str) -> None:
    step = replace(CONFIRM, controls=(Control(css("#older")),))
    named = (
        replace(step, alternatives=(css("#older"),))
        if named_by == "alternatives"
        else replace(step, accepted=(css("#older"),))
    )
    page = page_of(there("#correct"))
    assert not (await Climb(page, (Guesses(RENAMED),)).take(named)).outcome.skipped


async def test_a_condition_may_be_the_element_of_a_later_step() -> None:
    switch = learnt("Open the advanced settings", ActionKind.CLICK, "#advanced", controls=(Control(css("#keys")),))
    page = page_of(there("#advanced"), there("#moved-keys"))
    climb = Climb(page, (Guesses({"Open the keys": ("#moved-keys",)}),))
    assert not (await climb.take(switch, replace(NEXT, controls=(Control(css("#keys")),)))).outcome.skipped


async def test_a_condition_on_what_no_step_is_done_on_is_asked_of_nobody() -> None:
    guesses = Guesses(RENAMED)
    taken = await Climb(page_of(there("#correct")), (guesses,)).take(
        replace(CONFIRM, controls=(Control(css("#sign")),))
    )
    assert (taken.outcome.skipped, guesses.told) == (True, [])


async def test_nobody_is_asked_where_what_follows_is_there_as_it_was_recorded() -> None:
    guesses = Guesses(RENAMED)
    taken = await Climb(page_of(there("#correct"), there("#keys")), (guesses,)).take(CONFIRM, NEXT)
    assert (taken.outcome.skipped, guesses.told) == (True, [])


async def test_it_is_only_glanced_at_so_that_nobody_acts_or_waits() -> None:
    guesses, suggests = Guesses({}), Suggests(first(there("#menu")))
    page = page_of(there("#menu"))
    taken = await Climb(page, (guesses,), (suggests,)).take(CONFIRM)
    assert (taken.outcome.skipped, suggests.told, page.objections) == (True, [], [])
    assert [one.glance for one in guesses.told] == [True]


def not_if(step: TaskStep) -> TaskStep:
    """The same step, if its condition does not hold."""
    return replace(step, controls=tuple(Control(control.visible, negated=True) for control in step.controls))


async def test_what_is_taken_only_where_something_is_missing_is_skipped_where_that_is_there_under_another_name() -> (
    None
):
    sign_in = learnt("Sign in", ActionKind.CLICK, "#sign-in", controls=(Control(css("#keys")),))
    page = page_of(there("#sign-in"), there("#moved-keys"))
    climb = Climb(page, (Guesses({"Open the keys": ("#moved-keys",)}),))
    assert (await climb.take(not_if(sign_in), NEXT)).outcome.skipped
    page.screen.elements.pop()
    assert not (await climb.take(not_if(sign_in), NEXT)).outcome.skipped
