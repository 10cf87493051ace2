"""One rung after the other is asked, in their order; at a glance only those that look, and nobody waits."""

from dataclasses import dataclass, replace

import pytest

from core.browser.actions import Click
from core.browser.page import BrowserPage, RunStopped
from core.browser.snapshot import ElementSeen
from core.planner.clearing import ClearingPlanner
from core.planner.exploring import ExploringPlanner
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.ladder import Ladder
from core.planner.likeness import LikenessPlanner
from core.planner.planner import AskPerson, Choice, Decision, Detour, Rung, Situation, Undecided
from core.planner.recorded import RecordedPlanner
from core.workflows.locator import Locator
from tests.core.planner.looked_at import WORKFLOW, page_of, situation, step_on

NEXT = ElementSeen("button", "Next", "submit", ref="e1")
KEYS = ElementSeen("link", "API keys", text="API keys", leads=("settings", "api", "keys"), place="navigation", ref="e2")
HERE = situation(step_on("the link “API keys”"))
KNOWN = Fingerprints({(WORKFLOW, 1): (Fingerprint.of_element(KEYS),)})
CHOICES = (
    Decision(Locator.css("#a"), Rung.RECORDED),
    Detour(Click(Locator.css("#a")), NEXT, Rung.MODEL, "Click it"),
    AskPerson("Which shop is it?"),
)


@dataclass
class Says:
    """A rung that always says this, and counts how often it was asked."""

    choice: Choice
    asked: int = 0

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        self.asked += 1
        return self.choice


def doubts(because: str) -> Says:
    return Says(Undecided(because))


def whole_ladder() -> Ladder:
    likeness = LikenessPlanner(KNOWN)
    return Ladder([RecordedPlanner(), likeness], [ClearingPlanner(), ExploringPlanner(likeness)])


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: type(choice).__name__)
async def test_the_first_that_can_decide_does_and_nobody_after_it_is_asked(choice: Choice) -> None:
    first, second, third = doubts("not there"), Says(choice), Says(CHOICES[0])
    assert await Ladder([first, second], [third]).decide(HERE, page_of()) is choice
    assert (first.asked, second.asked, third.asked) == (1, 1, 0)


async def test_those_that_act_are_asked_after_those_that_look() -> None:
    looks, acts = doubts("not there"), Says(CHOICES[1])
    assert await Ladder([looks], [acts]).decide(HERE, page_of()) is CHOICES[1]
    assert looks.asked == 1


async def test_at_a_glance_only_those_that_look_are_asked() -> None:
    looks, acts = doubts("not there"), Says(CHOICES[1])
    glance = replace(HERE, glance=True)
    assert await Ladder([looks], [acts]).decide(glance, page_of()) == Undecided("not there")
    assert (looks.asked, acts.asked) == (1, 0)


async def test_what_nobody_can_decide_is_undecided_for_the_reasons_of_all_each_told_once() -> None:
    rungs = doubts("It is not there."), doubts("nothing is like it"), doubts("It is not there.")
    told = await Ladder(rungs[:2], rungs[2:]).decide(HERE, page_of())
    assert told == Undecided("It is not there; nothing is like it")


async def test_a_ladder_without_rungs_says_so() -> None:
    assert await Ladder([]).decide(HERE, page_of()) == Undecided("nobody may decide")


async def test_a_page_that_was_shut_is_no_doubt_of_a_rung() -> None:
    page = page_of(KEYS)
    page.stop(because="The consent was withdrawn.")
    with pytest.raises(RunStopped):
        await whole_ladder().decide(HERE, page)


async def test_what_looks_like_it_is_found_before_the_way_is_cleared() -> None:
    found = await whole_ladder().decide(HERE, page_of(NEXT, KEYS))
    assert isinstance(found, Decision)
    assert (found.rung, found.element) == (Rung.LIKENESS, KEYS)


async def test_a_page_that_stayed_wants_something_else_first() -> None:
    stayed = replace(HERE, stayed=True)
    page = page_of(NEXT, KEYS)
    page.screen.elements[1].locators += (Locator.css("#as-it-was"),)
    assert isinstance(await whole_ladder().decide(HERE, page), Decision)
    first = await whole_ladder().decide(stayed, page)
    assert isinstance(first, Detour)
    assert first.element == NEXT


async def test_at_a_glance_nobody_waits_and_nothing_is_to_be_done_first() -> None:
    page = page_of(NEXT)
    assert isinstance(await whole_ladder().decide(replace(HERE, glance=True), page), Undecided)
    assert page.objections == []


async def test_what_was_tried_before_is_not_waited_for_again() -> None:
    page = page_of(NEXT)
    await whole_ladder().decide(replace(HERE, tried=("It was covered.",)), page)
    assert page.objections == []
    await whole_ladder().decide(HERE, page)
    assert page.objections == [None]
