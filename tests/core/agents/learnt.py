"""Learnt steps, as short as a test wants them."""

from typing import Any

from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Check, Matcher, TaskStep, Workflow

css = Locator.css


def learnt(intent: str, action: ActionKind, selector: str = "", **more: Any) -> TaskStep:
    """A step on the element of this selector, or on none."""
    return TaskStep(1, intent, action, f"“{selector}”", locator=css(selector) if selector else None, **more)


def shows(selector: str) -> tuple[Check, ...]:
    """The expectation that this is visible."""
    return (Check(Matcher.VISIBLE, css(selector)),)


def workflow(*steps: TaskStep, name: str = "should-do-it") -> Workflow:
    """A workflow of these steps."""
    return Workflow(name, name, "tests/e2e/test_it.py", 1, "", (), (), steps)
