"""Says how much of each test was understood, and what was not."""

from core.workflows.learning.learn import LearningResult


def report_of(result: LearningResult) -> str:
    """Plain text: a line a workflow, and a line for each step that a runner would refuse."""
    lines: list[str] = []
    for workflow in result.workflows:
        refused = workflow.not_understood
        lines.append(f"{workflow.id}: {len(workflow.steps) - len(refused)} of {len(workflow.steps)} steps understood")
        lines += [f"  {step.at}: {step.intent} ({step.why})" for step in refused]
    return "\n".join([*lines, *result.problems])
