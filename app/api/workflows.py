"""What has been learnt."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.schemas import Out
from core.services import Services
from core.workflows.step import Workflow


class WorkflowStepOut(Out):
    """A step of a workflow."""

    order: int
    intent: str
    action: str
    target: str
    expected_result: str | None


class WorkflowOut(Out):
    """A workflow, and the test that it was learnt from."""

    id: str
    title: str
    source: str
    step_count: int
    coverage: dict[str, int]


class WholeWorkflowOut(WorkflowOut):
    """A workflow with its steps."""

    steps: list[WorkflowStepOut]


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/workflows", tags=["workflows"])

    @routes.get("")
    async def list_workflows(search: Annotated[str, Query(max_length=200)] = "") -> list[WorkflowOut]:
        """All of them, or those that fit some words."""
        found = services.workflows.search(search) if search else services.workflows.list()
        return [_out(workflow) for workflow in found]

    @routes.get("/{workflowId}")
    async def show(workflowId: str) -> WholeWorkflowOut:  # noqa: N803  as the API spells it
        """One of them, with its steps."""
        workflow = services.workflows.get(workflowId)
        steps = [WorkflowStepOut.model_validate(step) for step in workflow.steps]
        return WholeWorkflowOut(**vars(_out(workflow)), steps=steps)

    return routes


def _out(workflow: Workflow) -> WorkflowOut:
    return WorkflowOut(
        id=workflow.id,
        title=workflow.title,
        source=f"{workflow.source_file}:{workflow.source_line}",
        step_count=len(workflow.steps),
        coverage=workflow.coverage,
    )
