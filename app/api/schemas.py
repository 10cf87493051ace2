"""What goes in and out of the API, in camelCase; unknown fields are refused."""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.errors import NotSignedIn
from core.operations.views import OperationView, StepView
from core.security.people import Visitor


class Wire(BaseModel):
    """A value on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ShopMetadata(Wire):
    """Which shop."""

    store_url: str = Field(max_length=500)


class StepOut(Wire):
    """A step of the timeline."""

    position: int
    intent: str
    action: str
    state: str
    note: str | None
    expected_result: str | None
    seen: str | None
    decided_by: str | None
    page_url: str | None
    screenshot: str | None
    seconds: float | None


class ResultOut(Wire):
    """What was made; the key is masked."""

    success: bool
    api_key: str
    key_permission: str
    product_count: int
    store_url: str


class ErrorOut(Wire):
    """Why it failed."""

    code: str
    message: str
    left_behind: str


class OperationOut(Wire):
    """An operation and how it stands."""

    operation_id: UUID
    service: str
    operation: str
    store_url: str
    permissions: list[str]
    status: str
    current_step: int
    total_steps: int
    steps: list[StepOut]
    screenshots: list[str]
    result: ResultOut | None
    error: ErrorOut | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def visitor_of(request: Request) -> Visitor:
    """Who is asking. Raises NotSignedIn; the gate has let nobody else through."""
    visitor = getattr(request.state, "visitor", None)
    if not isinstance(visitor, Visitor):
        raise NotSignedIn
    return visitor


def operation_out(view: OperationView) -> OperationOut:
    """An operation on the wire."""
    steps = [_step_out(step) for step in view.steps]
    return OperationOut(
        operation_id=view.id,
        service=view.service,
        operation=view.operation,
        store_url=view.store_url,
        permissions=list(view.permissions),
        status=view.status.value,
        current_step=view.current_step,
        total_steps=view.total_steps,
        steps=steps,
        screenshots=[step.screenshot for step in steps if step.screenshot],
        result=ResultOut(**vars(view.result)) if view.result else None,
        error=_error_out(view),
        created_at=view.created_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
    )


def _error_out(view: OperationView) -> ErrorOut | None:
    failure = view.failure
    return ErrorOut(code=failure.code, message=failure.sentence, left_behind=failure.left_behind) if failure else None


def _step_out(step: StepView) -> StepOut:
    return StepOut(
        position=step.position,
        intent=step.intent,
        action=step.action,
        state=step.state.value,
        note=step.note,
        expected_result=step.expected,
        seen=step.seen,
        decided_by=step.decided_by,
        page_url=step.page_url,
        screenshot=f"/pictures/{step.picture_id}/full" if step.picture_id else None,
        seconds=step.seconds,
    )
