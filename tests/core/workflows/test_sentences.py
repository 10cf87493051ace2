"""What is told of a step is told in words that people have, and by no name that stands in a page's markup alone."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.workflows.learning.sentences import expected_by_people, expected_of
from core.workflows.locator import By, Link, Locator
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import ActionKind, Check, Matcher, TaskStep

ROOT = Path(__file__).parents[3]
QUOTED = re.compile("“([^”]+)”")
BAR, ALSO = Locator.css("#wpadminbar"), Locator.css("#correct-admin-email")
BUTTON = Link(By.ROLE, "button", name="Update Profile")


def test_no_step_that_was_learnt_is_expected_to_show_what_only_its_markup_names() -> None:
    registry = WorkflowRegistry.from_file(ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json")
    steps = [step for workflow in registry.list() for step in workflow.steps]
    told = {expected_by_people(step) for step in steps if step.expected_result}
    assert len(told) > 10
    assert "“Sign in as {{username}}” is done" in told
    assert "The link “OmniOps” is there" in told
    for one in filter(None, told):
        assert not re.search("wpadminbar|admin email|alert success|tfoot|subsubsub| id | tr”", one), one


@pytest.mark.parametrize(
    ("locator", "told"),
    [
        (BAR, "“Sign in” is done"),
        (Locator((*BAR.links, Link(By.OR, ALSO))), "“Sign in” is done"),
        (Locator((BUTTON, Link(By.OR, Locator.css("#submit")))), "The button “Update Profile” is there"),
    ],
)
def test_another_name_of_the_same_is_left_out_and_the_step_speaks_where_there_is_none(
    locator: Locator, told: str
) -> None:
    checks = (Check(Matcher.VISIBLE, locator),)
    learnt = TaskStep(order=1, intent="Sign in.", action=ActionKind.CLICK, target="", checks=checks)
    assert expected_by_people(replace(learnt, expected_result=expected_of(list(checks)))) == told
    assert expected_by_people(replace(learnt, expected_result="The door is open")) == "The door is open"
