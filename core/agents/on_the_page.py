"""Which steps of a workflow are done on a page, and at which of them something is made there, and shown."""

from collections.abc import Sequence

from core.workflows.step import ActionKind, TaskStep, Workflow

LOOKING = frozenset({ActionKind.ASSERT, ActionKind.HOVER})  # what brings nothing onto the page
# Waiting is the façade's business, and what a test asks of the API is done by code with the shop's own client.
NOT_ON_THE_PAGE = frozenset({ActionKind.WAIT, ActionKind.API})


def what_makes(steps: Sequence[TaskStep]) -> int | None:
    """Which step makes what is then read off the page: the last click before the first capture."""
    first_capture = next((i for i, step in enumerate(steps) if step.action is ActionKind.CAPTURE), 0)
    clicks = [i for i, step in enumerate(steps[:first_capture]) if step.action is ActionKind.CLICK]
    return clicks[-1] if clicks else None


def what_shows(steps: Sequence[TaskStep]) -> int | None:
    """From which step on the page may show what is then read off it: the last deed for certain before the first capture.

    One that is done only under a condition may find it there already.
    """
    first_capture = next((i for i, step in enumerate(steps) if step.action is ActionKind.CAPTURE), None)
    if first_capture is None:
        return None
    deeds = [i for i, one in enumerate(steps[:first_capture]) if one.action not in LOOKING and not one.controls]
    return deeds[-1] if deeds else 0


def on_the_page(workflow: Workflow) -> list[TaskStep]:
    """The steps of a workflow that are done in a browser."""
    return [step for step in workflow.steps if step.action not in NOT_ON_THE_PAGE and not _is_about_values(step)]


def _is_about_values(step: TaskStep) -> bool:
    """A plain assertion of the test: it holds no element against anything."""
    return step.action is ActionKind.ASSERT and not step.checks
