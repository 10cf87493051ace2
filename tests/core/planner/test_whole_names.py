"""A recorded name finds what is called exactly what the tests saw, and nothing that is called more than that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.browser.page import ActionFailed, Verdict
from core.browser.snapshot import ElementSeen
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.planner import Choice, Rung, Situation, Undecided
from core.planner.recorded import RecordedPlanner
from core.planner.whole_names import by_name, in_whole, is_there, whole_names
from core.workflows.locator import By, Link, Locator, Pattern
from core.workflows.step import ActionKind, Check, TaskStep
from tests.core.planner.looked_at import SHOP
from tests.fakes.page import FakeElement, FakePage, Screen

LOG_IN = Locator((Link(By.ROLE, "button", name="log in"),))
WHOLE = Locator((Link(By.ROLE, "button", name="Log In", exact=True),))
SEEN = (Fingerprint("button", "Log In"),)
STEP = TaskStep(3, "Sign in", ActionKind.CLICK, "the button “Log In”", LOG_IN)
KNOWN = Fingerprints({("sign-in", 3): SEEN})


def called(name: str, *locators: Locator, kind: str = "") -> FakeElement:
    """A button of this name, as these locators find it."""
    return FakeElement(locators, seen=ElementSeen("button", name, kind, ref=name))


def page_of(*elements: FakeElement) -> FakePage:
    page = FakePage(SHOP)
    page.screen = Screen("/sign-in", "Sign in", elements=list(elements))
    return page


async def decided(page: FakePage) -> Choice:
    return await RecordedPlanner(timedelta(0), KNOWN).decide(Situation(STEP, "sign-in"), page)


async def test_what_is_called_exactly_that_is_found_beside_what_is_called_more() -> None:
    page = page_of(called("Log in with Acme", LOG_IN), called("Log In", LOG_IN, WHOLE))
    assert await is_there(LOG_IN, SEEN, page) == WHOLE


async def test_what_is_called_more_is_not_it() -> None:
    page = page_of(called("Log in with Acme", LOG_IN))
    assert await is_there(LOG_IN, SEEN, page) is None
    assert isinstance(await decided(page), Undecided)


async def test_where_no_test_has_met_it_its_word_has_to_do() -> None:
    assert await is_there(LOG_IN, (), page_of(called("Log in with Acme", LOG_IN))) == LOG_IN


async def test_the_browser_may_call_it_otherwise_than_we_do() -> None:
    assert await is_there(LOG_IN, SEEN, page_of(called("Log In", LOG_IN))) == LOG_IN


async def test_its_case_may_have_changed() -> None:
    assert await is_there(LOG_IN, SEEN, page_of(called("Log in", LOG_IN))) == LOG_IN


async def test_one_that_is_hidden_does_not_stand_beside_it() -> None:
    hidden = called("Log In", LOG_IN)
    hidden.visible = False
    assert await is_there(LOG_IN, SEEN, page_of(hidden, called("Log In", LOG_IN))) == LOG_IN


async def test_a_page_that_went_elsewhere_has_nothing_there() -> None:
    class Leaving(FakePage):
        async def element_at(self, locator: Locator) -> ElementSeen | None:
            raise ActionFailed(because="The page went elsewhere.")

    page = Leaving(SHOP)
    page.screen = Screen("/sign-in", "Sign in", elements=[called("Log in with Acme", LOG_IN)])
    assert await is_there(LOG_IN, SEEN, page) is None


async def test_an_alternative_that_goes_by_no_name_may_come_later_too() -> None:
    by_id = Locator.css("#wp-submit")

    class Slow(FakePage):
        async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
            verdict = await super().expect(check, within, unless)
            self.screen.elements[1:] = [called("Sign in", by_id)]
            return verdict

    page = Slow(SHOP)
    page.screen = Screen("/sign-in", "Sign in", elements=[called("Log in with Acme", LOG_IN)])
    situation = Situation(replace(STEP, alternatives=(by_id,)), "sign-in")
    choice = await RecordedPlanner(timedelta(0), KNOWN).decide(situation, page)
    assert (getattr(choice, "target", None), getattr(choice, "rung", None)) == (by_id, Rung.ALTERNATIVE)


@pytest.mark.parametrize(("place", "kept"), [(0, True), (-1, True), (1, False)])
def test_a_place_among_all_is_no_place_among_those_of_a_whole_name(place: int, kept: bool) -> None:
    assert bool(in_whole(Locator((*LOG_IN.links, Link(By.NTH, place))), SEEN)) is kept


async def test_it_may_come_later_than_what_is_called_more() -> None:
    class Slow(FakePage):
        async def expect(self, check: Check, within: timedelta, unless: Locator | None = None) -> Verdict:
            verdict = await super().expect(check, within, unless)
            self.screen.elements[1:] = [called("Log In", LOG_IN, WHOLE)]
            return verdict

    page = Slow(SHOP)
    page.screen = Screen("/sign-in", "Sign in", elements=[called("Log in with Acme", LOG_IN)])
    choice = await decided(page)
    assert (getattr(choice, "target", None), getattr(choice, "rung", None)) == (WHOLE, Rung.RECORDED)


async def test_the_whole_name_that_was_tried_is_not_tried_again() -> None:
    page = page_of(called("Log In", LOG_IN, WHOLE))
    situation = Situation(STEP, "sign-in", failed=frozenset({WHOLE}), tried=("It is covered.",))
    assert isinstance(await RecordedPlanner(timedelta(0), KNOWN).decide(situation, page), Undecided)


@pytest.mark.parametrize(
    "locator",
    [
        Locator.css("#log-in"),
        Locator((Link(By.ROLE, "button"),)),
        Locator((Link(By.ROLE, "button", name=Pattern("log in", "i")),)),
        WHOLE,
        Locator((Link(By.TEXT, "Register"),)),
        Locator((*LOG_IN.links, Link(By.CSS, "span"))),
    ],
    ids=["by its id", "by no name", "by a pattern", "by a whole name", "by another name", "by what is in it"],
)
def test_what_goes_by_no_part_of_a_name_is_left_as_it_is(locator: Locator) -> None:
    assert whole_names(locator, SEEN) == frozenset()


def test_a_name_with_a_place_keeps_its_place() -> None:
    first = Locator((*LOG_IN.links, Link(By.NTH, 0)))
    assert whole_names(first, SEEN) == {"Log In"}
    assert by_name(first, "Log In") == Locator((*WHOLE.links, Link(By.NTH, 0)))


@pytest.mark.parametrize("by", [By.LABEL, By.TEXT, By.PLACEHOLDER])
def test_fields_and_texts_have_whole_names_too(by: By) -> None:
    field = replace(SEEN[0], name="Description", placeholder="Description of the key")
    locator = Locator((Link(by, "Description"),))
    assert whole_names(locator, (field,)) == {"Description", "Description of the key"}
    assert by_name(locator, "Description") == Locator((Link(by, "Description", exact=True),))
