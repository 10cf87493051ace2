"""An operation as people see it: frozen, without anything a run needs for itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.agents.person import QuestionKind
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, QuestionRow, StepRow
from core.operations.step_count import NOT_COUNTED, StepCount, count_of
from core.planner.spending import Limits
from core.workflows.step import PRESSING

MILLION = 1_000_000


@dataclass(frozen=True)
class StepView:
    """One line of the timeline. `touched` is x, y, width, height in pixels (1280 x 800) of the picture `touched_on`, if of any."""

    position: int
    intent: str
    action: str
    state: StepState
    note: str | None
    expected: str | None
    seen: str | None
    decided_by: str | None
    page_url: str | None
    picture_id: UUID | None
    touched: tuple[float, float, float, float] | None
    touched_on: UUID | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long it took, if it is over."""
        return _seconds(self.started_at, self.finished_at)


@dataclass(frozen=True)
class OperationResult:
    """What came of it, `said` in a sentence; the key is masked, and what it can do told in words.

    `left_behind` says what of an earlier setup could not be removed.
    """

    success: bool
    store_url: str
    said: str = "It is connected."  # operations of the first version said nothing
    api_key: str = ""
    key_permission: str = ""
    key_can: str = ""
    product_count: int = 0
    left_behind: str = ""


@dataclass(frozen=True)
class Failure:
    """Why it failed, in a sentence, and what could not be cleaned up at the shop."""

    code: str
    sentence: str
    left_behind: str


@dataclass(frozen=True)
class QuestionView:
    """What a person is asked, at which step; `options` are those of a choice, in their order."""

    id: UUID
    kind: QuestionKind
    words: str
    options: tuple[str, ...]
    position: int
    page_url: str | None
    picture_id: UUID | None
    expires_at: datetime


@dataclass(frozen=True)
class ModelUse:
    """How often the model was asked, and what that took: tokens, and dollars, of those that one operation may cost."""

    calls: int
    tokens: int
    dollars: float
    most_dollars: float = Limits().millionths / MILLION


@dataclass(frozen=True)
class OperationView:
    """An operation; `steps` is empty in lists, `question` is what it asks a person now, `model` what it asked a model.

    It tries `retry_of` once more, and is tried once more by `retried_by`; `tries` counts those that began by themselves.
    `stopping` says that somebody has asked to stop it, and that it is not over yet. `current_step` is a position in all of
    its steps; `counted` is how far it is, in lists too.
    """

    id: UUID
    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...]
    status: OperationStatus
    current_step: int
    total_steps: int
    steps: tuple[StepView, ...]
    result: OperationResult | None
    failure: Failure | None
    consent_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    question: QuestionView | None = None
    model: ModelUse | None = None
    retry_of: UUID | None = None
    retried_by: UUID | None = None
    tries: int = 0
    not_before: datetime | None = None
    stopping: bool = False
    counted: StepCount = NOT_COUNTED
    retry_needs_consent: bool = False  # told in lists

    @property
    def waits_until(self) -> datetime | None:
        """When it is tried by itself, if it waits for that."""
        return self.not_before if self.status is OperationStatus.PENDING and not self.started_at else None

    @property
    def seconds(self) -> float | None:
        """How long it took, if it is over."""
        return _seconds(self.started_at, self.finished_at)


def view_of(
    row: OperationRow,
    steps: list[StepRow] | None = None,
    question: QuestionRow | None = None,
    retried_by: UUID | None = None,
    counted: StepCount | None = None,
) -> OperationView:
    """The row, its steps and its question as people see them; `counted` counts steps that are not there."""
    status = OperationStatus(row.status)
    known = count_of((StepState(step.state) for step in steps or ()), is_over=status.is_over)
    return OperationView(
        id=row.id,
        service=row.service,
        operation=row.operation,
        store_url=row.store_origin,
        permissions=tuple(sorted(row.permissions)),
        status=status,
        current_step=row.current_step,
        total_steps=row.total_steps,
        steps=tuple(_step_view(step) for step in steps or ()),
        result=OperationResult(**row.result) if row.result else None,
        failure=_failure(row),
        consent_id=row.consent_id,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        question=question_view(question) if question else None,
        model=_model_use(row) if row.model_calls else None,
        retry_of=row.retry_of,
        retried_by=retried_by,
        tries=row.tries,
        not_before=row.not_before,
        stopping=row.stop_asked_because is not None and not status.is_over,
        counted=counted or known,
    )


def question_view(row: QuestionRow) -> QuestionView:
    """A question as people see it."""
    return QuestionView(
        id=row.id,
        kind=QuestionKind(row.kind),
        words=row.words,
        options=tuple(row.options),
        position=row.position,
        page_url=row.page_url,
        picture_id=row.picture_id,
        expires_at=row.expires_at,
    )


def _model_use(row: OperationRow) -> ModelUse:
    return ModelUse(row.model_calls, row.model_tokens, row.model_millionths / MILLION)


def _failure(row: OperationRow) -> Failure | None:
    if row.failure_code is None:
        return None
    return Failure(row.failure_code, row.failure_sentence or "", row.left_behind or "")


def _step_view(row: StepRow) -> StepView:
    box = row.touched
    return StepView(
        position=row.position,
        intent=row.intent,
        action=row.action,
        state=StepState(row.state),
        note=row.note,
        expected=row.expected,
        seen=row.seen,
        decided_by=row.decided_by,
        page_url=row.page_url,
        picture_id=row.picture_id,
        touched=(box[0], box[1], box[2], box[3]) if box else None,
        touched_on=row.touched_on if row.action in PRESSING else row.picture_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
