"""A link that has moved is looked for under the menus that sound like it; what does more than lead is not followed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.browser.actions import Click
from core.browser.snapshot import ElementSeen
from core.planner.exploring import ExploringPlanner
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.planner.likeness import LikenessPlanner
from core.planner.planner import Detour, Rung, Undecided
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, TaskStep
from tests.core.planner.looked_at import (
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

REST_API = Fingerprint("link", "REST API", leads=("wp", "admin", "settings", "advanced", "api", "keys"))
STEP = step_on("the link “REST API”", intent="Open the keys")
MENU = ElementSeen("link", "Integrations & API", leads=("wp", "admin", "settings", "integrations"), ref="e1")
OTHER = ElementSeen("link", "Advanced", leads=("wp", "admin", "settings", "expert"), ref="e2")
PRODUCTS = ElementSeen("link", "Products", leads=("wp", "admin", "products"), ref="e3")
BUTTON = ElementSeen("button", "Search the API", "submit", ref="e4")
NOTHING = Undecided("no menu sounds like it")


async def decided(
    page: FakePage,
    *failed: Locator,
    step: TaskStep = STEP,
    looks: Sequence[Fingerprint] = (REST_API,),
    stayed: bool = False,
) -> Detour | Undecided:
    likeness = LikenessPlanner(Fingerprints({(WORKFLOW, 1): tuple(looks)}))
    return await ExploringPlanner(likeness).decide(situation(step, *failed, stayed=stayed), page)


async def followed(*shown: ElementSeen) -> ElementSeen | None:
    """What it would follow on a page with these elements; None if nothing."""
    choice = await decided(page_of(*shown))
    if isinstance(choice, Detour):
        return choice.element
    assert choice == NOTHING
    return None


async def test_the_menu_that_sounds_like_it_is_followed_and_that_is_told() -> None:
    first, _ = ways_to("e1")
    assert await decided(page_of(PRODUCTS, BUTTON, MENU)) == Detour(
        Click(first), MENU, Rung.LIKENESS, "Look for it under link “Integrations & API”"
    )


async def test_the_likest_is_followed_first() -> None:
    likest = replace(OTHER, ref="e9", name="Advanced API")
    assert await followed(PRODUCTS, MENU, likest, OTHER) == likest


async def test_none_is_followed_twice() -> None:
    page = page_of(PRODUCTS, MENU, OTHER)
    met = list[ElementSeen]()
    failed = list[Locator]()
    while isinstance(choice := await decided(page, *failed), Detour):
        assert isinstance(choice.action, Click)
        met.append(choice.element)
        failed.append(choice.action.target)
        assert len(met) <= 2
    assert sorted(one.name for one in met) == ["Advanced", "Integrations & API"]
    assert choice == NOTHING


async def test_a_menu_in_another_language_is_known_by_its_meaning() -> None:
    german = replace(MENU, name="Schnittstellen")
    assert await followed(PRODUCTS, german) == german


async def test_what_sounds_like_nothing_is_not_followed() -> None:
    assert await followed(PRODUCTS, BUTTON) is None


async def test_a_word_that_all_menus_have_leads_nowhere() -> None:
    alike = [
        replace(MENU, ref=f"e{number}", name=f"API {name}") for number, name in enumerate(("a1", "b2", "c3", "d4"))
    ]
    assert await followed(*alike) is None


@pytest.mark.parametrize(
    "more",
    [("nonce",), ("wpnonce",), ("token",), ("access", "token"), ("csrf",), ("action", "edit")],
    ids=" ".join,
)
async def test_an_address_that_does_something_is_not_followed(more: tuple[str, ...]) -> None:
    assert await followed(replace(MENU, leads=(*MENU.leads, *more))) is None
    assert await followed(replace(MENU, leads=(*MENU.leads, *more)), OTHER) == OTHER


async def test_a_menu_of_tokens_only_leads_there() -> None:
    tokens = replace(MENU, name="API tokens", leads=("settings", "tokens"))
    choice = await decided(page_of(PRODUCTS, tokens), looks=[replace(REST_API, name="Create token")])
    assert isinstance(choice, Detour)
    assert choice.element == tokens


@pytest.mark.parametrize(
    "way_out",
    [
        replace(MENU, name="Log out of the API"),
        replace(MENU, name="API abmelden"),
        replace(MENU, leads=("api", "logout")),
        replace(MENU, leads=("api", "log", "out")),
        replace(MENU, leads=("api", "sign", "out")),
    ],
    ids=["its name", "a German name", "its address", "an address in two words", "another in two words"],
)
async def test_the_way_out_is_not_followed(way_out: ElementSeen) -> None:
    assert await followed(way_out, PRODUCTS) is None


@pytest.mark.parametrize(
    "harmful",
    [
        replace(MENU, name="Delete the API"),
        replace(MENU, name="API widerrufen"),
        replace(MENU, text="API kaufen"),
        replace(MENU, words=("remove",)),
        replace(MENU, leads=("api", "trash")),
    ],
    ids=["its name", "a German name", "what it says", "its technical words", "where it leads"],
)
async def test_what_could_do_harm_is_not_followed(harmful: ElementSeen) -> None:
    assert await followed(harmful, PRODUCTS) is None


async def test_what_leads_nowhere_is_not_followed() -> None:
    assert await followed(replace(MENU, leads=())) is None


@pytest.mark.parametrize("role", ["link", "tab", "menuitem"])
async def test_tabs_and_entries_of_menus_are_followed_too(role: str) -> None:
    assert await followed(replace(MENU, role=role)) is not None


@pytest.mark.parametrize("action", [ActionKind.FILL, ActionKind.PRESS, ActionKind.SELECT, ActionKind.CAPTURE])
async def test_only_for_a_click_is_something_looked_for(action: ActionKind) -> None:
    told = await decided(page_of(MENU), step=replace(STEP, action=action))
    assert told == Undecided("it is nothing that a menu could lead to")


async def test_a_button_is_not_looked_for_under_menus() -> None:
    told = await decided(page_of(MENU), looks=[replace(REST_API, role="button")])
    assert told == Undecided("it is nothing that a menu could lead to")


async def test_what_no_test_has_met_is_not_looked_for() -> None:
    assert isinstance(await decided(page_of(MENU), looks=[]), Undecided)


async def test_where_the_page_stayed_as_it_was_nothing_is_looked_for() -> None:
    assert isinstance(await decided(page_of(MENU), stayed=True), Undecided)


async def test_what_goes_away_while_it_is_looked_at_is_not_followed() -> None:
    assert await decided(showing(Vanishing(SHOP), MENU)) == NOTHING


@pytest.mark.parametrize("kind", [Silent, Leaving])
async def test_a_page_that_does_not_answer_is_not_explored(kind: type[FakePage]) -> None:
    assert await decided(showing(kind(SHOP), MENU)) == Undecided("The page is too busy to answer.")
