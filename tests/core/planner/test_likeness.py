"""Acts where one element is clearly the one that was meant; where there is a doubt, or harm, it does not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.browser.snapshot import ElementSeen, Snapshot
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.likeness import ENOUGH, LikenessPlanner, Ranked, doubt, ranked
from core.planner.planner import Decision, Rung, Situation, Undecided
from core.planner.resemblance import likeness
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind, TaskStep
from tests.core.planner.looked_at import (
    FORM,
    SHOP,
    WORKFLOW,
    Leaving,
    Silent,
    Vanishing,
    page_of,
    showing,
    situation,
    step_on,
    ways_to,
)
from tests.fakes.page import FakePage

GENERATE = ElementSeen(
    "button", "Generate API key", "submit", "Generate API key", "", ("update", "api", "key"),
    near=("Key details",), place="main", form=FORM, nth=1, of=3,
    ref="e1",
)  # fmt: skip
SEARCH = ElementSeen("button", "Search", "submit", "Search", words=("search",), place="header", of=3, ref="e2")
HELP = ElementSeen(
    "button", "Help", "button", "Help", words=("contextual", "help"), place="header", nth=2, of=3, ref="e3"
)
HEADING = ElementSeen("heading", "Generate API key", ref="e4")
DESCRIPTION = ElementSeen(
    "textbox",
    "Description",
    "text",
    words=("key", "description"),
    near=("Description", "Key details"),
    place="main",
    form=FORM,
    ref="e5",
)
PASSWORD = ElementSeen(
    "textbox",
    "Password",
    "password",
    words=("user", "pass", "pwd"),
    near=("Password",),
    place="main",
    nth=1,
    of=2,
    ref="e6",
)
SIGN_IN = ElementSeen(
    "button",
    "Log In",
    "submit",
    "Log In",
    words=("wp", "submit"),
    place="main",
    form=FORM,
    near=("Welcome",),
    ref="e7",
)
MAY = ElementSeen(
    "combobox", "Permissions", words=("key", "permissions"), near=("What it may do with your shop", "Key details"),
    place="main", form=FORM, options=("Read", "Write", "Read/Write"),
    ref="e8",
)  # fmt: skip

PRESS = step_on("the button “Generate API key”")
FILL = step_on("the field “Description”", ActionKind.FILL)
TYPE_SECRET = step_on("the field “Password”", ActionKind.FILL)
TINY = 1e-6


async def decided(here: Situation, page: FakePage, *met: ElementSeen) -> Decision | Undecided:
    """What likeness says there, if the tests met the step's element in these guises."""
    known = Fingerprints({(WORKFLOW, 1): tuple(map(Fingerprint.of_element, met))} if met else {})
    return await LikenessPlanner(known).decide(here, page)


async def taken(step: TaskStep, met: ElementSeen, *shown: ElementSeen, secret: str | None = None) -> ElementSeen | None:
    """The element that it takes for the one that was met; None if it does not say."""
    choice = await decided(situation(step, secret=secret), page_of(*shown), met)
    return choice.element if isinstance(choice, Decision) else None


async def test_what_looks_as_it_did_is_taken_with_its_ways_and_evidence() -> None:
    choice = await decided(situation(PRESS), page_of(HEADING, SEARCH, GENERATE, HELP), GENERATE)
    assert isinstance(choice, Decision)
    assert (choice.rung, choice.element) == (Rung.LIKENESS, GENERATE)
    assert (choice.target, *choice.ways) == ways_to("e1")
    assert choice.note == "found by its likeness: button “Generate API key”"
    assert 0 < choice.evidence["margin"] < choice.evidence["score"] <= 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(GENERATE, name="Create key", text="Create key"),
        replace(GENERATE, words=("mui", "root")),
        replace(GENERATE, near=(), place="", form=""),
        replace(GENERATE, role="link", kind=""),
    ],
    ids=["its name", "its ids", "its place", "its kind"],
)
async def test_one_change_alone_does_not_hide_it(changed: ElementSeen) -> None:
    assert await taken(PRESS, GENERATE, SEARCH, changed, HELP) == changed


async def test_one_whose_name_and_ids_changed_is_known_by_what_stands_around_it() -> None:
    changed = replace(MAY, name="Access level of it", words=("field",))
    another = replace(MAY, ref="e9", name="Country", words=("country",), near=("Address",), options=("France", "Italy"))
    assert await taken(step_on("the list", ActionKind.SELECT), MAY, another, changed) == changed


async def test_a_german_name_is_known_by_its_meaning() -> None:
    german = replace(SIGN_IN, name="Anmelden", text="Anmelden", words=(), near=("Willkommen",))
    another = replace(SIGN_IN, ref="e9", name="Registrieren", text="Registrieren", words=(), near=("Neu hier?",))
    assert await taken(step_on("the button “Log In”"), SIGN_IN, another, german) == german


async def test_any_guise_that_a_test_met_will_do() -> None:
    french = replace(GENERATE, name="Générer une clé", text="", words=("x",))
    choice = await decided(situation(PRESS), page_of(SEARCH, french), SIGN_IN, french)
    assert isinstance(choice, Decision)
    assert choice.element == french


async def test_the_name_that_the_step_itself_gives_is_as_good_as_the_one_that_was_met() -> None:
    renamed = replace(GENERATE, name="Brew it", text="Brew it", words=("x",), near=(), form="")
    named_so = step_on("the button", name="Brew it")
    assert await taken(PRESS, GENERATE, SEARCH, renamed) is None
    assert await taken(named_so, GENERATE, SEARCH, renamed) == renamed


async def test_an_alternative_of_the_step_may_give_the_name() -> None:
    renamed = replace(GENERATE, name="Brew it", text="Brew it", words=("x",), near=(), form="")
    alternative = Locator((Link(By.CSS, "main"), Link(By.TEXT, "Brew it")))
    assert await taken(replace(PRESS, alternatives=(alternative,)), GENERATE, SEARCH, renamed) == renamed


async def test_a_row_is_known_by_this_runs_value() -> None:
    """The rows say the same but for what the key is called, which is another in each run."""
    view = ElementSeen("link", "View", text="View", near=("{{key_description}} View",), place="main", of=3, ref="e1")
    till, web = (replace(view, ref=name, near=(f"{name} View",), nth=1) for name in ("Till", "Web"))
    for name, meant in (("Till", till), ("Web", web)):
        here = replace(situation(step_on("the link “View”")), slots={"key_description": name})
        known = LikenessPlanner(Fingerprints({(WORKFLOW, 1): (Fingerprint.of_element(view),)}))
        looks = known.looks(here)
        first, second = ranked(here, looks, Snapshot("", "", (till, web)))
        assert first.element == meant
        assert first.score > second.score


async def test_a_decoy_that_sounds_alike_is_not_taken_for_it() -> None:
    decoy = ElementSeen(
        "button", "Generate API keys for me", "button", near=("Get our app",), place="aside", nth=2, of=3, ref="e9"
    )
    moved = replace(GENERATE, words=("x1",))
    assert await taken(PRESS, GENERATE, decoy, moved) == moved
    assert await taken(PRESS, GENERATE, moved, decoy) == moved


async def test_where_only_a_stranger_is_nothing_is_done() -> None:
    assert await decided(situation(PRESS), page_of(HEADING, SEARCH, HELP), GENERATE) == Undecided(
        "nothing on the page is enough like it"
    )


async def test_of_two_equally_alike_neither_is_taken_and_both_are_told() -> None:
    twin = replace(GENERATE, ref="e9", nth=2)
    left = replace(GENERATE, nth=0)
    told = await decided(situation(PRESS), page_of(left, twin), GENERATE)
    assert isinstance(told, Undecided)
    assert told.because == ("button “Generate API key” is somewhat like it, and button “Generate API key” hardly less")


async def test_a_page_without_anything_to_act_on_has_nothing_like_it() -> None:
    assert await taken(PRESS, GENERATE) is None


@pytest.mark.parametrize(("score", "margin"), ENOUGH)
def test_the_best_is_taken_from_its_margin_on_and_not_below(score: float, margin: float) -> None:
    best = Ranked(GENERATE, score + TINY)
    assert doubt([best, Ranked(SEARCH, score - margin - TINY)]) == ""
    assert "hardly less" in doubt([best, Ranked(SEARCH, score - margin + 3 * TINY)])


def test_what_is_less_alike_has_to_stand_out_the_more() -> None:
    by_score = sorted(ENOUGH)
    assert [margin for _, margin in by_score] == sorted((margin for _, margin in ENOUGH), reverse=True)


def test_however_far_ahead_what_is_hardly_alike_is_not_taken() -> None:
    least = min(score for score, _ in ENOUGH)
    assert doubt([Ranked(GENERATE, least - TINY), Ranked(SEARCH, 0.0)]) == "nothing on the page is enough like it"
    assert doubt([]) == "nothing on the page is enough like it"


HARMFUL_NAMES = (
    "Delete API key", "Revoke API key", "API key löschen", "API key widerrufen", "Supprimer API key", "Eliminar API key",
    "Rimuovi API key", "Pay for API key", "API key kaufen", "Publish API key", "Accept API key",
)  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL_NAMES)
async def test_what_cannot_be_taken_back_is_never_guessed_however_alike(name: str) -> None:
    harmful = replace(GENERATE, name=name, text=name)
    look = Fingerprint.of_element(GENERATE)
    assert likeness(look, harmful) > max(likeness(look, other) for other in (SEARCH, HELP))
    assert await taken(PRESS, GENERATE, SEARCH, harmful, HELP) is None


@pytest.mark.parametrize(
    "harmful",
    [
        replace(GENERATE, text="Generate API key and delete the others"),
        replace(GENERATE, words=(*GENERATE.words, "delete")),
        replace(GENERATE, role="link", leads=("keys", "action", "trash")),
    ],
    ids=["what it says", "its technical words", "where it leads"],
)
async def test_a_harmless_name_does_not_hide_harm(harmful: ElementSeen) -> None:
    assert await taken(PRESS, GENERATE, SEARCH, harmful, HELP) is None


async def test_beside_something_harmful_what_was_meant_is_taken() -> None:
    harmful = replace(GENERATE, ref="e9", name="Delete API key", text="Delete API key")
    moved = replace(GENERATE, words=("x1",))
    assert await taken(PRESS, GENERATE, harmful, moved) == moved


async def test_a_step_of_its_kind_may_be_done_on_it_and_of_no_other() -> None:
    revoke = replace(GENERATE, name="Revoke API key", text="Revoke")
    pay = replace(revoke, name="Pay for API key", text="Pay")
    removing = step_on("the button “Revoke API key”", intent="Revoke the key")
    assert await taken(removing, revoke, SEARCH, replace(revoke, words=("x1",))) is not None
    assert await taken(removing, pay, SEARCH, pay) is None


async def test_a_secret_is_typed_into_no_field_but_one_for_secrets() -> None:
    plain = replace(PASSWORD, kind="text")
    assert await taken(TYPE_SECRET, PASSWORD, DESCRIPTION, plain, secret="password") is None
    assert await taken(TYPE_SECRET, PASSWORD, plain, PASSWORD, secret="password") == PASSWORD


async def test_what_is_no_secret_is_typed_into_no_field_for_one() -> None:
    hiding = replace(DESCRIPTION, kind="password")
    assert await taken(FILL, DESCRIPTION, hiding) is None
    assert await taken(FILL, DESCRIPTION, hiding, replace(DESCRIPTION, ref="e9")) is not None


@pytest.mark.parametrize(
    ("step", "met", "useless"),
    [
        (PRESS, GENERATE, replace(GENERATE, enabled=False)),
        (FILL, DESCRIPTION, replace(DESCRIPTION, enabled=False)),
        (FILL, DESCRIPTION, replace(DESCRIPTION, read_only=True)),
        (FILL, DESCRIPTION, replace(DESCRIPTION, role="heading")),
    ],
    ids=["a button that is switched off", "a field that is", "a field to be read only", "a heading"],
)
async def test_it_is_not_done_on(step: TaskStep, met: ElementSeen, useless: ElementSeen) -> None:
    assert await taken(step, met, met) == met
    assert await taken(step, met, useless) is None


async def test_what_is_hidden_is_not_taken() -> None:
    page = page_of(SEARCH, GENERATE)
    page.screen.elements[1].visible = False
    assert isinstance(await decided(situation(PRESS), page, GENERATE), Undecided)


async def test_what_goes_away_while_it_is_looked_at_is_undecided() -> None:
    page = showing(Vanishing(SHOP), GENERATE)
    told = await decided(situation(PRESS), page, GENERATE)
    assert told == Undecided("“Generate API key” went away while it was looked at")


@pytest.mark.parametrize("kind", [Silent, Leaving])
async def test_a_page_that_does_not_answer_is_undecided(kind: type[FakePage]) -> None:
    told = await decided(situation(PRESS), showing(kind(SHOP), GENERATE), GENERATE)
    assert told == Undecided("The page is too busy to answer.")


async def test_a_way_that_failed_is_not_taken_again() -> None:
    """Nor by another way to the same element."""
    for failed in ways_to("e1"):
        told = await decided(situation(PRESS, failed), page_of(SEARCH, GENERATE), GENERATE)
        assert isinstance(told, Undecided)


async def test_a_page_that_stayed_as_it_was_is_not_looked_at() -> None:
    page = page_of(GENERATE)
    page.stop(because="nobody may look")
    told = await decided(situation(PRESS, stayed=True), page, GENERATE)
    assert told == Undecided("the page stayed as it was")


async def test_a_step_whose_element_no_test_has_met_is_not_guessed() -> None:
    page = page_of(GENERATE)
    page.stop(because="nobody may look")
    assert await decided(situation(PRESS), page) == Undecided("no test has met its element")


async def test_it_looks_at_a_glance_as_well() -> None:
    choice = await decided(replace(situation(PRESS), glance=True), page_of(SEARCH, GENERATE), GENERATE)
    assert isinstance(choice, Decision)


@given(st.permutations([GENERATE, SEARCH, HELP, SIGN_IN, replace(GENERATE, ref="e9", name="Create key", nth=2)]))
def test_in_which_order_elements_are_listed_does_not_matter(shown: Sequence[ElementSeen]) -> None:
    looks = (Fingerprint.of_element(GENERATE),)
    found = ranked(situation(PRESS), looks, Snapshot("", "", tuple(shown)))
    again = ranked(situation(PRESS), looks, Snapshot("", "", tuple(sorted(shown, key=lambda one: one.ref))))
    assert {one.element.ref: one.score for one in found} == pytest.approx({one.element.ref: one.score for one in again})
    assert found[0].element == again[0].element == GENERATE
