"""Lays changes that staff accepted over learnt workflows; the file that these were learnt into stays as it is."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import TaskStep, Workflow


@dataclass(frozen=True)
class AcceptedChange:
    """One more place to look for a step's element, and the digest of the learnt step that this holds for."""

    workflow_id: str
    step_order: int
    step_sha256: str
    after: Locator


def overlaid(registry: WorkflowRegistry, changes: Sequence[AcceptedChange]) -> WorkflowRegistry:
    """The registry's workflows with these changes; the registry itself stays as it is."""
    by_workflow: dict[str, list[AcceptedChange]] = defaultdict(list)
    for change in changes:
        by_workflow[change.workflow_id].append(change)
    return WorkflowRegistry(laid_over(workflow, by_workflow[workflow.id]) for workflow in registry.list())


def laid_over(workflow: Workflow, changes: Iterable[AcceptedChange]) -> Workflow:
    """The workflow with each change as one more place where its step is looked for.

    The learnt locator stays first, then come the learnt alternatives and what was accepted; what is done and what is verified are never
    changed. A change for a step that has since been learnt anew is void.
    """
    steps = {step.order: step for step in workflow.steps}
    for change in changes:
        step = steps.get(change.step_order)
        if step is not None and holds(workflow, change):
            steps[step.order] = _with_place(step, change.after)
    return replace(workflow, steps=tuple(steps[step.order] for step in workflow.steps))


def holds(workflow: Workflow, change: AcceptedChange) -> bool:
    """Whether the step is still as it was when the change was seen."""
    mine = (step for step in workflow.steps if step.order == change.step_order)
    return any(step_sha256(workflow.id, step) == change.step_sha256 for step in mine)


def step_sha256(workflow_id: str, step: TaskStep) -> str:
    """What a change is bound to: which step this is, what it does, and what it looks for first.

    Alternatives don't count: a step over which one is laid is the same step, and may be healed again.
    """
    locator = step.locator and step.locator.to_json()
    return _sha256([workflow_id, step.order, step.intent, step.action.value, locator])


def locator_sha256(locator: Locator) -> str:
    """How a locator is known."""
    return _sha256(locator.to_json())


def _with_place(step: TaskStep, after: Locator) -> TaskStep:
    if step.locator is None or after in (step.locator, *step.alternatives, *step.accepted):
        return step
    return replace(step, accepted=(*step.accepted, after))


def _sha256(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
