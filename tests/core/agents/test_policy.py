"""What is refused before it is tried: addresses outside the shop, steps that were not understood to the end, harm by guess."""

from dataclasses import replace
from typing import Any

import pytest

from core.agents.policy import IRREVERSIBLE, Policy
from core.browser.actions import (
    Action,
    Capture,
    Click,
    Fill,
    FillOnce,
    FillSecret,
    Hover,
    Key,
    Open,
    Press,
    Reload,
    Select,
    SetChecked,
)
from core.browser.snapshot import ElementSeen
from core.planner.harm import Harm
from core.planner.planner import Decision, Detour, Rung
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind, Resolution
from tests.core.agents.climbed import both, page_of
from tests.core.agents.learnt import css, learnt
from tests.fakes.page import FakeElement, FakePage

POLICY = Policy(Origin.of("https://tea.example"))
GOTO = learnt("Open it", ActionKind.GOTO)


@pytest.mark.parametrize(
    "address", ["https://tea.example", "https://tea.example:443/wp-admin/?a=b", "https://TEA.example./", "tea.example"]
)
def test_the_shop_itself_may_be_opened(address: str) -> None:
    assert POLICY.objection(GOTO, Open(address)) == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://tea.example/",
        "https://tea.example:8443/",
        "https://tea.example.evil.example/",
        "https://sub.tea.example/",
        "//evil.example/",
        "https://tea.example@evil.example/",
        "https://tea.example\\@evil.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,hello",
        "",
        "{{password}}",
    ],
)
def test_no_other_address_may_be_opened(address: str) -> None:
    assert POLICY.objection(GOTO, Open(address))


def test_the_objection_names_where_it_would_have_gone() -> None:
    objection = POLICY.objection(GOTO, Open("https://evil.example/path?secret=1"))
    assert objection == "https://evil.example is not the shop this was allowed for."


@pytest.mark.parametrize("resolution", [Resolution.LITERAL, Resolution.BOUND, Resolution.UNBOUND])
def test_a_step_that_was_understood_may_be_done(resolution: Resolution) -> None:
    step = learnt("Click", ActionKind.CLICK, "a", resolution=resolution)
    assert POLICY.objection(step, Click(css("a"))) == ""
    assert POLICY.objection(step, Reload()) == ""


@pytest.mark.parametrize(
    ("resolution", "why", "told"),
    [
        (Resolution.PARTIAL, "only if store.practice", "only if store.practice"),
        (Resolution.OPAQUE, None, "opaque"),
    ],
)
def test_a_step_that_was_not_understood_may_not(resolution: Resolution, why: str | None, told: str) -> None:
    step = learnt("Click", ActionKind.CLICK, "a", resolution=resolution, why=why)
    assert POLICY.objection(step, Click(css("a"))) == f"This step was not understood to the end: {told}."


OPEN = learnt("Open the keys", ActionKind.CLICK, "#keys")
GO = css("#go")
REVOKE = css(".revoke")
SERVICE = replace(POLICY, irreversible=(REVOKE,))
PAGE = page_of()

HARMFUL = {
    Harm.REMOVES: ("Delete key", "Schlüssel löschen", "Supprimer la clé", "Eliminar la clave", "Rimuovi la chiave"),
    Harm.PAYS: ("Pay now", "Jetzt kaufen", "Acheter", "Comprar ahora", "Acquista ora"),
    Harm.PUBLISHES: ("Publish", "Veröffentlichen", "Publier", "Publicar", "Pubblica"),
    Harm.ACCEPTS: ("I agree to the terms", "Akzeptieren", "J'accepte", "Aceptar", "Accetto"),
}
NAMES = [(harm, name) for harm, names in HARMFUL.items() for name in names]
STEPS = {Harm.REMOVES: "Revoke it", Harm.PAYS: "Buy it", Harm.PUBLISHES: "Launch it", Harm.ACCEPTS: "Accept it"}


def named(name: str, **seen: Any) -> ElementSeen:
    return ElementSeen("button", name, **seen, ref="e1")


def guess(element: ElementSeen | None, rung: Rung = Rung.MODEL) -> Decision:
    return Decision(GO, rung, element=element)


@pytest.mark.parametrize("rung", [Rung.LIKENESS, Rung.MODEL, Rung.PERSON])
@pytest.mark.parametrize(("harm", "name"), NAMES)
async def test_what_says_that_it_does_harm_is_not_guessed_in_any_language(harm: Harm, name: str, rung: Rung) -> None:
    assert await POLICY.guessed(OPEN, guess(named(name), rung), PAGE) == IRREVERSIBLE


@pytest.mark.parametrize(("harm", "name"), NAMES)
async def test_but_for_a_step_of_that_kind_and_of_no_other(harm: Harm, name: str) -> None:
    for kind, intent in STEPS.items():
        objection = await POLICY.guessed(replace(OPEN, intent=intent), guess(named(name)), PAGE)
        assert (objection == "") is (kind is harm)


async def test_its_technical_words_and_where_it_leads_tell_too() -> None:
    for element in (named("Go", words=("btn", "delete")), named("Go", leads=("keys", "revoke")), named("", text="Pay")):
        assert await POLICY.guessed(OPEN, guess(element), PAGE) == IRREVERSIBLE


async def test_what_does_no_harm_may_be_guessed() -> None:
    assert await SERVICE.guessed(OPEN, guess(named("Credentials")), PAGE) == ""
    assert await SERVICE.guessed(OPEN, guess(None), PAGE) == ""


@pytest.mark.parametrize("rung", [Rung.RECORDED, Rung.ALTERNATIVE])
async def test_what_the_test_itself_named_is_no_guess(rung: Rung) -> None:
    assert await SERVICE.guessed(OPEN, guess(named("Delete key"), rung), touching(both(GO, REVOKE))) == ""


def touching(known: Locator) -> FakePage:
    """A page with one element, known by this."""
    return page_of(FakeElement((known,)))


TOUCHES = {
    "it is one": both(GO, REVOKE),
    "it stands in one": Locator((*REVOKE.links, *GO.links)),
    "it has one inside": Locator((*GO.links, Link(By.HAS, REVOKE))),
}


@pytest.mark.parametrize("touch", TOUCHES)
async def test_what_the_service_cannot_take_back_is_not_guessed_whatever_it_is_called(touch: str) -> None:
    page = touching(TOUCHES[touch])
    assert await SERVICE.guessed(OPEN, guess(named("Go on")), page) == IRREVERSIBLE
    assert await POLICY.guessed(OPEN, guess(named("Go on")), page) == ""
    page.screen.elements[0].visible = False
    assert await SERVICE.guessed(OPEN, guess(named("Go on")), page) == ""


async def test_a_place_that_staff_accepted_is_held_like_a_guess() -> None:
    page, accepted, known = touching(both(GO, REVOKE)), guess(None, Rung.ACCEPTED), guess(None, Rung.ALTERNATIVE)
    assert await SERVICE.guessed(OPEN, accepted, page) == IRREVERSIBLE
    assert await SERVICE.guessed(OPEN, known, page) == ""
    assert await SERVICE.guessed(OPEN, accepted, page_of()) == ""
    assert await POLICY.guessed(OPEN, guess(named("Delete store"), Rung.ACCEPTED), page_of()) == IRREVERSIBLE


async def test_a_step_on_no_element_guesses_nothing() -> None:
    assert await SERVICE.guessed(OPEN, Decision(None, Rung.MODEL, element=named("Delete")), PAGE) == ""


def first(name: str, action: Action | None = None) -> Detour:
    return Detour(action or Click(GO), named(name), Rung.MODEL, "Do it")


@pytest.mark.parametrize(("harm", "name"), NAMES)
async def test_nothing_harmful_is_done_on_the_way_but_terms_that_a_person_may_accept(harm: Harm, name: str) -> None:
    assert (await POLICY.on_the_way(first(name), PAGE) == "") is (harm is Harm.ACCEPTS)


async def test_nothing_that_the_service_cannot_take_back_is_done_on_the_way() -> None:
    for known in TOUCHES.values():
        assert await SERVICE.on_the_way(first("Close"), touching(known)) == IRREVERSIBLE
    assert await SERVICE.on_the_way(first("Close"), PAGE) == ""


@pytest.mark.parametrize("action", [Open("https://tea.example/wp-admin"), Reload()])
async def test_what_is_done_on_the_way_names_its_element(action: Action) -> None:
    assert await POLICY.on_the_way(first("Go", action), PAGE) == "It names no element."


@pytest.mark.parametrize("action", [Click(GO), Press(GO, Key.ENTER), SetChecked(GO, checked=True)])
@pytest.mark.parametrize("harm", Harm)
def test_what_cannot_be_taken_back_is_for_a_person_to_allow_unless_the_consent_is_to_that(
    harm: Harm, action: Action
) -> None:
    step = replace(OPEN, intent=STEPS[harm])
    assert POLICY.needs_approval(step, guess(None), action)
    consented = replace(POLICY, consented=frozenset({harm}))
    assert not consented.needs_approval(step, Decision(GO, Rung.RECORDED), action)
    assert consented.needs_approval(step, guess(None), action)
    assert consented.needs_approval(step, Decision(GO, Rung.ACCEPTED), action)
    assert replace(POLICY, consented=frozenset(Harm) - {harm}).needs_approval(step, guess(None), action)


def test_it_is_also_if_only_the_element_says_so() -> None:
    assert POLICY.needs_approval(OPEN, guess(named("I agree to the terms")), Click(GO))
    assert not POLICY.needs_approval(OPEN, guess(named("Credentials")), Click(GO))


@pytest.mark.parametrize(
    "action",
    [
        Open("https://tea.example/"),
        Reload(),
        Fill(GO, "x"),
        FillSecret(GO, "x"),
        FillOnce(GO, Secret("x")),
        Select(GO, "x"),
        Hover(GO),
        Capture(GO, "x"),
    ],
    ids=lambda action: type(action).__name__,
)
def test_what_is_only_typed_chosen_or_looked_at_needs_no_approval(action: Action) -> None:
    assert not POLICY.needs_approval(replace(OPEN, intent="Delete it"), guess(named("Pay now")), action)
