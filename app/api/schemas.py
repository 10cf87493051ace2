"""What goes in and out of the API, in camelCase; unknown fields are refused."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.operations.views import OperationView, QuestionView, StepView

# A word of ours, and what a person says; neither has characters that can't be seen.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Permissions = Annotated[list[Name], Field(max_length=20)]


class In(BaseModel):
    """What is sent to us."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class ShopMetadata(In):
    """Which shop."""

    store_url: str = Field(max_length=500, examples=["https://shop.example"])


class StepOut(Out):
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
    thumbnail: str | None
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None


class ResultOut(Out):
    """What came of it, `said` in a sentence; the key is masked. `leftBehind` says what could not be removed."""

    success: bool
    said: str = Field(examples=["47 products synced."])
    api_key: str = Field(examples=["ck_…1a2b3c4"])
    key_permission: str
    key_can: str = Field(examples=["read and change"])
    product_count: int
    store_url: str
    left_behind: str


class ErrorOut(Out):
    """Why it failed, and what could not be cleaned up at the shop."""

    code: str
    message: str
    left_behind: str


class QuestionOut(Out):
    """What a person is asked at one step, and until when. `options` are those of a choice, counted from 0."""

    id: UUID
    kind: str = Field(examples=["code"], description="code, captcha, text, choice or approval")
    words: str = Field(examples=["Your shop asks for a one-time code. What does it say?"])
    options: list[str]
    step: int
    page_url: str | None
    screenshot: str | None
    expires_at: datetime


class ModelOut(Out):
    """What the model was asked in an operation, what that has cost, and what it may cost at most."""

    calls: int
    tokens: int
    dollars: float
    most_dollars: float


class OperationOut(Out):
    """An operation and how it stands; without steps in a list. `question` is what it asks a person now, if anything."""

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
    consent_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    model: ModelOut | None
    question: QuestionOut | None
    retry_of: UUID | None = Field(description="the operation that this one tries once more")
    retried_by: UUID | None = Field(description="the operation that tries this one once more")
    will_try_at: datetime | None = Field(description="when it is tried by itself, while it waits for that")
    stopping: bool = Field(description="whether somebody has asked to stop it, and it is not over yet")
    tries: int = Field(description="the how manieth try by itself this is, of three; 0 for one that a person asked for")


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
        result=ResultOut.model_validate(view.result) if view.result else None,
        error=_error_out(view),
        consent_id=view.consent_id,
        created_at=view.created_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
        model=ModelOut.model_validate(view.model) if view.model else None,
        question=_question_out(view.question) if view.question else None,
        retry_of=view.retry_of,
        retried_by=view.retried_by,
        will_try_at=view.waits_until,
        stopping=view.stopping,
        tries=view.tries,
    )


def _question_out(question: QuestionView) -> QuestionOut:
    return QuestionOut(
        id=question.id,
        kind=question.kind.value,
        words=question.words,
        options=list(question.options),
        step=question.position,
        page_url=question.page_url,
        screenshot=f"/pictures/{question.picture_id}/full" if question.picture_id else None,
        expires_at=question.expires_at,
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
        thumbnail=f"/pictures/{step.picture_id}/thumb" if step.picture_id else None,
        started_at=step.started_at,
        finished_at=step.finished_at,
        seconds=step.seconds,
    )
