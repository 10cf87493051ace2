"""An accepted change is one more place to look, for the step it was seen at, and nothing else."""

from dataclasses import replace

import pytest

from core.workflows.locator import By, Link, Locator
from core.workflows.overlay import AcceptedChange, laid_over, locator_sha256, overlaid, step_sha256
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import ActionKind, Check, Matcher, TaskStep, Workflow

LEARNT, KNOWN, FOUND = Locator.css("#add"), Locator.css("#add-key"), Locator((Link(By.ROLE, "button", "New key"),))
STEP = TaskStep(
    order=2,
    intent="Begin a new key",
    action=ActionKind.CLICK,
    target="the link",
    locator=LEARNT,
    checks=(Check(Matcher.VISIBLE, Locator.css("form")),),
    alternatives=(KNOWN,),
)
OPEN = TaskStep(order=1, intent="Open the keys", action=ActionKind.GOTO, target="the page")


def workflow(*steps: TaskStep, name: str = "setup") -> Workflow:
    return Workflow(name, "Setup", "tests/e2e/test_setup.py", 1, "0" * 64, (), (), steps or (OPEN, STEP))


def change(step: TaskStep = STEP, after: Locator = FOUND, name: str = "setup") -> AcceptedChange:
    return AcceptedChange(name, step.order, step_sha256(name, step), after)


def test_it_comes_after_what_was_learnt_and_changes_nothing_else() -> None:
    learnt = workflow()
    laid = laid_over(learnt, [change()])
    assert (laid.steps[1].alternatives, laid.steps[1].accepted) == ((KNOWN,), (FOUND,))
    assert replace(laid, steps=(laid.steps[0], replace(laid.steps[1], accepted=()))) == learnt
    assert learnt == workflow()


def test_several_changes_of_a_step_stand_in_the_order_they_were_accepted_in() -> None:
    other = Locator.css("#other")
    assert laid_over(workflow(), [change(), change(after=other)]).steps[1].accepted == (FOUND, other)


@pytest.mark.parametrize("known", [LEARNT, KNOWN, FOUND])
def test_what_is_known_is_not_laid_over_twice(known: Locator) -> None:
    once = laid_over(workflow(), [change()])
    assert laid_over(once, [change(after=known)]) == once


@pytest.mark.parametrize(
    "anew",
    [
        replace(STEP, order=3),
        replace(STEP, intent="Begin another key"),
        replace(STEP, action=ActionKind.PRESS),
        replace(STEP, locator=KNOWN),
    ],
    ids=["order", "intent", "action", "locator"],
)
def test_a_step_that_was_learnt_anew_makes_it_void(anew: TaskStep) -> None:
    learnt = workflow(OPEN, anew)
    assert laid_over(learnt, [change(), replace(change(), step_order=3)]) == learnt


def test_a_step_over_which_one_is_laid_is_the_same_step() -> None:
    laid = laid_over(workflow(), [change()]).steps[1]
    assert step_sha256("setup", laid) == step_sha256("setup", STEP) != step_sha256("clean-up", STEP)


def test_a_step_that_looks_for_nothing_gets_no_place_to_look() -> None:
    assert laid_over(workflow(), [change(OPEN)]) == workflow()


def test_a_change_is_laid_over_its_own_workflow_and_the_registry_stays_as_it_is() -> None:
    registry = WorkflowRegistry([workflow(), workflow(name="clean-up")])
    laid = overlaid(registry, [change(name="clean-up")])
    assert laid.get("clean-up").steps[1].accepted == (FOUND,)
    assert laid.get("setup") == registry.get("setup")
    assert registry.get("clean-up").steps[1].accepted == ()
    assert [one.id for one in laid.search("begin")] == [one.id for one in registry.search("begin")] != []


def test_a_locator_is_known_by_what_it_says_in_any_order() -> None:
    told = [{"role": "button", "name": "New key"}]
    assert locator_sha256(Locator.from_json(told)) == locator_sha256(
        Locator.from_json([dict(reversed(told[0].items()))])
    )
    assert locator_sha256(FOUND) != locator_sha256(LEARNT)
