"""What is in the way is closed, and a form is gone on with: only by the one harmless thing to press, and nothing is agreed to."""

from dataclasses import replace

import pytest

from core.browser.actions import Click
from core.browser.snapshot import ElementSeen
from core.planner.clearing import ClearingPlanner
from core.planner.planner import Detour, Rung, Undecided
from core.workflows.locator import Locator
from tests.core.planner.looked_at import SHOP, Leaving, Silent, Vanishing, page_of, showing, situation, step_on, ways_to
from tests.fakes.page import FakePage

STEP = step_on("the link “Keys”")
CLOSE = ElementSeen("button", "Close", "button", place="dialog", ref="e1")
OTHER = ElementSeen("button", "Take the tour", "button", place="dialog", ref="e2")
NEXT = ElementSeen("button", "Next", "submit", place="main", near=("Step 1 of 2",), ref="e3")
KEYS = ElementSeen("link", "Products", leads=("products",), place="navigation", ref="e4")
OK = replace(CLOSE, ref="e5", name="OK")
NOTHING = Undecided("nothing is in the way that could be closed")


async def decided(page: FakePage, *failed: Locator) -> Detour | Undecided:
    return await ClearingPlanner().decide(situation(STEP, *failed), page)


async def pressed(*shown: ElementSeen) -> ElementSeen | None:
    """What it would press first on a page with these elements; None if nothing."""
    choice = await decided(page_of(*shown))
    if isinstance(choice, Detour):
        return choice.element
    assert choice == NOTHING
    return None


@pytest.mark.parametrize(
    "name", ["Close", "Dismiss", "Got it!", "Not now", "No, thanks", "Skip", "\u00d7", "Schließen", "Verstanden",
             "Nicht jetzt", "Fermer", "Compris", "Cerrar", "Entendido", "Chiudi"]
)  # fmt: skip
async def test_a_dialog_is_closed_by_the_one_thing_that_only_closes_it(name: str) -> None:
    closes = replace(CLOSE, name=name)
    assert await pressed(KEYS, closes, OTHER) == closes


@pytest.mark.parametrize("name", ["Next", "Next step", "Continue »", "Weiter", "Suivant", "Siguiente", "Avanti"])
async def test_a_form_is_gone_on_with_by_its_one_next(name: str) -> None:
    goes_on = replace(NEXT, name=name)
    assert await pressed(KEYS, goes_on) == goes_on


async def test_what_is_done_first_is_told() -> None:
    choice = await decided(page_of(KEYS, CLOSE))
    first, _ = ways_to("e1")
    assert choice == Detour(
        Click(first), CLOSE, Rung.LIKENESS, "Close what lies over the page", note="first “Close” was pressed"
    )


async def test_what_lies_over_the_page_is_closed_before_the_form_is_gone_on_with() -> None:
    assert await pressed(NEXT, CLOSE) == CLOSE


async def test_what_closes_something_else_than_a_dialog_is_left_alone() -> None:
    assert await pressed(replace(CLOSE, place="main")) is None


@pytest.mark.parametrize(
    "two",
    [
        (CLOSE, replace(CLOSE, ref="e9", name="Not now")),
        (NEXT, replace(NEXT, ref="e9", name="Continue")),
        (NEXT, replace(NEXT, ref="e9", name="Continue", words=("delete",))),
    ],
    ids=["two that close", "two that go on", "two that go on, one of which does harm"],
)
async def test_of_two_that_would_do_neither_is_pressed(two: tuple[ElementSeen, ElementSeen]) -> None:
    assert await pressed(*two) is None


@pytest.mark.parametrize(
    "name",
    [
        "OK, delete everything",
        "Close my account",
        "Accept",
        "Yes",
        "Next: pay",
        "Continue to payment",
        "Continue reading",
        "Next year",
        "Löschen",
    ],
)
async def test_words_that_say_more_are_not_pressed(name: str) -> None:
    assert await pressed(replace(CLOSE, name=name)) is None
    assert await pressed(replace(NEXT, name=name)) is None


@pytest.mark.parametrize(
    "harmful",
    [
        replace(CLOSE, words=("delete", "all")),
        replace(CLOSE, text="Close and delete"),
        replace(CLOSE, role="link", leads=("post", "action", "trash")),
        replace(NEXT, words=("pay",)),
        replace(NEXT, role="link", leads=("revoke", "key")),
    ],
    ids=["technical words", "what it says", "where it leads", "words of what goes on", "where that leads"],
)
async def test_a_harmless_name_does_not_hide_harm(harmful: ElementSeen) -> None:
    assert await pressed(KEYS, harmful) is None


async def test_a_message_is_acknowledged() -> None:
    assert await pressed(KEYS, OK) == OK
    assert await pressed(KEYS, replace(OK, name="Okay.")) is not None


@pytest.mark.parametrize("yes", ["OK", "Continue", "Weiter", "Proceed"])
async def test_a_question_is_not_answered_with_yes(yes: str) -> None:
    """“This can't be undone.” with “Cancel” and “OK”: nobody here has read what it asks."""
    assert await pressed(KEYS, replace(OK, name=yes), replace(OTHER, name="Cancel")) is None


async def test_a_question_may_be_closed() -> None:
    assert await pressed(KEYS, OK, CLOSE) == CLOSE


@pytest.mark.parametrize(
    "around", ["All products will be deleted.", "Alle Produkte werden gelöscht.", "You agree to the terms."]
)
async def test_yes_is_not_said_to_what_speaks_of_harm(around: str) -> None:
    assert await pressed(replace(OK, near=(around,))) is None
    assert await pressed(replace(NEXT, near=("Step 1 of 2", around))) is None
    assert await pressed(replace(CLOSE, near=(around,))) is not None


@pytest.mark.parametrize(
    "useless",
    [
        replace(NEXT, enabled=False),
        replace(NEXT, role="heading"),
        replace(NEXT, role="textbox"),
        replace(NEXT, name=""),
    ],
    ids=["switched off", "a heading", "a field", "without a name"],
)
async def test_it_presses_only_what_can_be_pressed(useless: ElementSeen) -> None:
    assert await pressed(useless) is None


async def test_a_way_that_was_tried_is_not_taken_again() -> None:
    """Nor by another way to the same element: once is enough."""
    for tried in ways_to("e1"):
        assert await decided(page_of(CLOSE), tried) == Undecided("“Close” was pressed already")


async def test_what_goes_away_while_it_is_looked_at_is_left_alone() -> None:
    told = await decided(showing(Vanishing(SHOP), CLOSE))
    assert told == Undecided("“Close” went away while it was looked at")


@pytest.mark.parametrize("kind", [Silent, Leaving])
async def test_a_page_that_does_not_answer_is_left_alone(kind: type[FakePage]) -> None:
    assert await decided(showing(kind(SHOP), CLOSE)) == Undecided("The page is too busy to answer.")
