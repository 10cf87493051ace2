"""What the learnt workflow could take from a step that was done on another element than it names, and held."""

from dataclasses import replace
from typing import Any

import pytest

from core.agents.slots import Slots
from core.planner.planner import Rung
from core.workflows.locator import By, Link, Locator
from core.workflows.step import ActionKind
from tests.core.agents.climbed import Climb, Guesses, leads_to, page_of, there
from tests.core.agents.learnt import css, learnt, shows
from tests.fakes.page import FakeElement, FakePage, Screen
from tests.fakes.person import ScriptedPerson, chooses

SLOTS = Slots({"app": "Tea, by “Olivia”"})
BY_NAME = Locator((Link(By.ROLE, "button", name="Allow Tea, by “Olivia”"),))
WITH_SLOT = Locator((Link(By.ROLE, "button", name="Allow {{app}}"),))
OPEN = learnt("Allow {{app}}", ActionKind.CLICK, "#allow", checks=shows("#allowed"))
MEANT = {"Allow Tea, by “Olivia”": ("#newer",)}


def page() -> FakePage:
    """A page on which the element has another name."""
    newer = there("#newer", "Allow Tea, by “Olivia”", does=leads_to("/allowed"))
    newer.locators = (BY_NAME, css("#newer"))
    return page_of(newer, more=(Screen("/allowed", elements=[FakeElement((css("#allowed"),))]),))


@pytest.mark.parametrize("rung", [Rung.LIKENESS, Rung.MODEL])
async def test_it_is_told_as_learnt_and_as_found_with_slots_in_both_and_with_its_evidence(rung: Rung) -> None:
    climb = Climb(page(), (Guesses(MEANT, rung),), slots=SLOTS)
    healing = (await climb.take(OPEN)).outcome.healing
    assert healing is not None
    assert (healing.workflow_id, healing.step, healing.rung) == ("should-do-it", OPEN, rung)
    assert (healing.after, healing.evidence) == (WITH_SLOT, {"score": 0.8})
    assert SLOTS.locator(healing.after) == BY_NAME


async def test_what_a_person_showed_is_told_as_what_they_chose() -> None:
    climb = Climb(page(), person=ScriptedPerson(chooses(0)), slots=SLOTS)
    healing = (await climb.take(OPEN)).outcome.healing
    assert healing is not None
    assert (healing.rung, healing.after) == (Rung.PERSON, WITH_SLOT)
    assert healing.evidence == {"chosen": "button “Allow Tea, by “Olivia””"}


async def test_nothing_is_told_if_it_did_not_hold() -> None:
    shop = page()
    shop.screens["/allowed"].elements.clear()
    taken = await Climb(shop, (Guesses(MEANT),), slots=SLOTS).take(OPEN)
    assert (taken.outcome.done, taken.outcome.healing) == (False, None)


@pytest.mark.parametrize("places", [{}, {"alternatives": (css("#newer"),)}, {"accepted": (css("#newer"),)}])
async def test_nothing_is_told_of_places_that_were_learnt_or_accepted(places: dict[str, Any]) -> None:
    step = replace(OPEN, **places) if places else replace(OPEN, locator=css("#newer"))
    taken = await Climb(page(), slots=SLOTS).take(step)
    assert (taken.outcome.done, taken.outcome.healing) == (True, None)


async def test_it_holds_nothing_of_what_was_read_or_typed() -> None:
    key = there("#key-now", "Key", "textbox")
    key.value = "ck_secret"
    word = there("#word-now", "Password", "textbox", kind="password")
    slots = Slots({}, secrets={"password": "admin_password"})
    climb = Climb(page_of(key, word), (Guesses({"Read": ("#key-now",), "Type": ("#word-now",)}),), slots=slots)
    read = await climb.take(learnt("Read", ActionKind.CAPTURE, "#key", output="key"))
    typed = await climb.take(learnt("Type", ActionKind.FILL, "#word", value="{{password}}"))
    assert (read.value, read.outcome.done, typed.outcome.done) == ("ck_secret", True, True)
    for taken in (read, typed):
        assert taken.outcome.healing is not None
        assert "ck_secret" not in repr(taken.outcome)
        assert "admin_password" not in repr(taken.outcome.healing)
