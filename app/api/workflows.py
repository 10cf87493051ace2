"""What has been learnt."""

from typing import Any

from fastapi import APIRouter

from core.services import Services
from core.workflows.step import TaskStep, Workflow


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/workflows", tags=["workflows"])

    @routes.get("")
    async def list_workflows(search: str = "") -> list[dict[str, Any]]:
        found = services.workflows.search(search) if search else services.workflows.list()
        return [_told(workflow) for workflow in found]

    @routes.get("/{workflow_id}")
    async def show(workflow_id: str) -> dict[str, Any]:
        workflow = services.workflows.get(workflow_id)
        return _told(workflow) | {"steps": [_step_told(step) for step in workflow.steps]}

    return routes


def _told(workflow: Workflow) -> dict[str, Any]:
    return {
        "id": workflow.id,
        "title": workflow.title,
        "source": f"{workflow.source_file}:{workflow.source_line}",
        "stepCount": len(workflow.steps),
        "coverage": workflow.coverage,
    }


def _step_told(step: TaskStep) -> dict[str, Any]:
    return {"order": step.order, "intent": step.intent, "action": step.action, "expectedResult": step.expected_result}
