"""What may be done only once is done once, and what need not be done any more is not done."""

from dataclasses import replace

import pytest

from core.agents.policy import Policy
from core.browser.actions import Click, SetChecked
from core.planner.harm import Harm
from core.planner.planner import Undecided
from core.workflows.step import ActionKind, TaskStep
from tests.core.agents.climbed import SHOP, Climb, Deed, Guesses, Suggests, element_of, first, leads_to, page_of, there
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.person import YES, ScriptedPerson

GENERATE = learnt("Generate the key", ActionKind.CLICK, "#generate", checks=shows("#new-key"))
READ = learnt("Read the key", ActionKind.CAPTURE, "#key", output="key")
DELETE = learnt("Delete the key", ActionKind.CLICK, "#generate", checks=shows("#new-key"))
CONSENTED = Policy(SHOP, consented=frozenset({Harm.REMOVES}))

OPEN = learnt("Open the keys", ActionKind.CLICK, "#keys", checks=shows("#list"))
ADD = learnt("Add a key", ActionKind.CLICK, "#add")


def counting(times: list[str], does: Deed = lambda page: None) -> Deed:
    """What also notes each time that it is done."""

    def deed(page: FakePage) -> None:
        times.append(page.screen.path)
        does(page)

    return deed


@pytest.mark.parametrize(
    ("step", "following"), [(GENERATE, (READ,)), (DELETE, ())], ids=["makes what is then read", "removes"]
)
@pytest.mark.parametrize("stays", [True, False])
async def test_what_was_done_and_led_elsewhere_is_not_done_again(
    step: TaskStep, following: tuple[TaskStep, ...], stays: bool
) -> None:
    def generate(page: FakePage) -> None:
        element_of(page, "#generate").visible = stays

    done: list[str] = []
    generates = counting(done, generate)
    page = page_of(there("#generate", does=generates), there("#other", does=generates), there("#close", "Close"))
    climb = Climb(
        page,
        looks=(Guesses({step.intent: ("#generate", "#other")}),),
        acts=(Suggests(first(element_of(page, "#close"))),),
        policy=CONSENTED,
    )
    taken = await climb.take(step, *following)
    assert (taken.outcome.done, taken.outcome.seen) == (False, "the page “Settings”")
    assert page.done == [Click(css("#generate"))]
    assert len(done) == 1


async def test_what_could_not_even_be_begun_is_tried_in_another_way() -> None:
    page = page_of(there("#generate"), there("#other", does=leads_to("/made")))
    element_of(page, "#generate").enabled = False
    page.screens["/made"] = Screen("/made", elements=[FakeElement((css("#new-key"),))])
    guesses = Guesses({GENERATE.intent: ("#other",)})
    assert (await Climb(page, (guesses,)).take(GENERATE, READ)).outcome.done


async def test_a_form_that_was_not_sent_because_a_field_wants_something_made_nothing_and_is_sent_again() -> None:
    made: list[str] = []

    def generate(page: FakePage) -> None:
        if element_of(page, "#promise").checked:
            counting(made, leads_to("/made"))(page)

    promise = there("#promise", "I keep it secret", "checkbox", kind="checkbox", invalid=True)
    page = page_of(there("#generate", does=generate), promise)
    page.screens["/made"] = Screen("/made", elements=[FakeElement((css("#new-key"),))])
    taken = await Climb(page, person=ScriptedPerson(YES)).take(GENERATE, READ)
    assert taken.outcome.done
    assert page.done == [Click(css("#generate")), SetChecked(css("#promise"), checked=True), Click(css("#generate"))]
    assert len(made) == 1


def on_the_way(*elements: FakeElement, does: Deed) -> tuple[FakePage, Suggests]:
    """Settings without the link, with a menu to open first."""
    menu = there("#menu", "More", does=does)
    page = page_of(menu, *elements)
    page.screens["/keys"] = Screen("/keys", "Keys", elements=[FakeElement((css("#list"),))])
    page.screens["/others"] = Screen("/others", "Others", elements=[there("#add")])
    return page, Suggests(first(menu, "Look under “More”"))


async def test_what_was_done_first_may_lead_where_the_step_leads_and_then_it_is_done() -> None:
    page, suggests = on_the_way(does=leads_to("/keys"))
    taken = await Climb(page, acts=(suggests,)).take(OPEN)
    assert (taken.outcome.done, taken.outcome.note) == (True, "Look under “More”: done")
    assert taken.outcome.healing is None
    assert taken.outcome.picture is not None
    assert page.done == [Click(css("#menu"))]


async def test_it_may_also_lead_to_what_the_next_step_is_done_on() -> None:
    page, suggests = on_the_way(does=leads_to("/others"))
    assert (await Climb(page, acts=(suggests,)).take(OPEN, ADD)).outcome.done
    assert page.done == [Click(css("#menu"))]


async def test_but_not_if_the_shop_says_no_there() -> None:
    page, suggests = on_the_way(does=leads_to("/others"))
    page.screens["/others"].elements.append(FakeElement((css(".error"),)))
    assert not (await Climb(page, acts=(suggests,)).take(OPEN, ADD)).outcome.done


@pytest.mark.parametrize("already", ["#list", "#add"], ids=["what is expected", "what follows"])
async def test_what_was_there_from_the_beginning_proves_nothing(already: str) -> None:
    def uncover(page: FakePage) -> None:
        element_of(page, "#keys").covered = False

    close = there("#close", does=uncover)
    page = page_of(there("#keys", does=leads_to("/keys")), close, there(already))
    page.screens["/keys"] = Screen("/keys", "Keys", elements=[there("#list")])
    element_of(page, "#keys").covered = True
    assert (await Climb(page, acts=(Suggests(first(close)),)).take(OPEN, ADD)).outcome.done
    assert page.done == [Click(css("#close")), Click(css("#keys"))]


async def test_what_makes_something_is_done_even_if_there_is_one_already() -> None:
    close = there("#close", does=lambda page: None)
    page = page_of(there("#generate", does=leads_to("/made")), close)
    page.screens["/made"] = Screen("/made", elements=[FakeElement((css("#new-key"),))])

    def uncover(page: FakePage) -> None:
        page.screen.elements[0].covered = False
        page.screen.elements.append(there("#new-key"))

    close.does = uncover
    page.screen.elements[0].covered = True
    assert (await Climb(page, acts=(Suggests(first(close)),)).take(GENERATE, READ)).outcome.done
    assert page.done == [Click(css("#close")), Click(css("#generate"))]


@pytest.mark.parametrize("step", [replace(OPEN, action=ActionKind.FILL, value="x"), replace(OPEN, checks=())])
async def test_only_a_click_that_leads_somewhere_is_not_taken_any_more(step: TaskStep) -> None:
    page, _ = on_the_way(does=leads_to("/keys"))
    more = there("#menu", "More", does=leads_to("/keys"))
    page.screen.elements[0] = more
    taken = await Climb(page, acts=(Suggests(first(more), Undecided("no")),)).take(step)
    assert not taken.outcome.done
