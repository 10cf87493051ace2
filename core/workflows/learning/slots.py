"""Which slots learnt steps have: the names of what a run has to be given, or reads off a page."""

from collections.abc import Sequence

from core.workflows.locator import Locator
from core.workflows.step import TaskStep


def slots_of(steps: Sequence[TaskStep]) -> list[str]:
    """The names of the slots that steps have, in the order they first appear."""
    found: dict[str, None] = {}
    for step in steps:
        for text in _texts(step):
            for piece in text.split("{{")[1:]:
                found.setdefault(piece.partition("}}")[0].strip())
    return list(found)


def _texts(step: TaskStep) -> list[str]:
    locators: list[Locator] = [one for one in (step.locator, *step.alternatives) if one]
    locators += [check.locator for check in step.checks if check.locator]
    locators += [control.visible for control in step.controls]
    values = [step.value, step.intent, *(check.value for check in step.checks)]
    return [*(value for value in values if isinstance(value, str)), *(str(one.to_json()) for one in locators)]
