"""The tables of what runs leave behind: steps, owners' approvals, questions to a person, and changes of what was learnt."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.database.columns import Json, UtcDateTime, of_customer, one_of, unique_while
from core.database.states import ApprovalEnding, ChangeState, QuestionEnding, StepState
from core.database.tables import OfCustomer


class StepRow(OfCustomer, table=True):
    """One step of an operation's timeline, in the customer's words."""

    __tablename__ = "operation_steps"
    __table_args__ = (of_customer("autonomous_operations", "operation_id"), one_of("state", StepState))
    operation_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    intent: str
    action: str = Field(max_length=20)
    state: str = Field(max_length=20)
    note: str | None = None
    expected: str | None = None
    seen: str | None = None
    decided_by: str | None = Field(default=None, max_length=20)
    page_url: str | None = None
    picture_id: UUID | None = None
    touched: list[float] | None = Field(default=None, sa_type=Json)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OwnerApprovalRow(OfCustomer, table=True):
    """An owner's approval that was asked for, known by the SHA-256 of its state; once it has ended, it stays so."""

    __tablename__ = "owner_approvals"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        one_of("ending", ApprovalEnding),
        unique_while("ended_at IS NULL", "uq_owner_approvals_one_open", "operation_id"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID
    store_origin: str = Field(max_length=300)
    scope: str = Field(max_length=20)
    state_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: str | None = Field(default=None, max_length=20)


class QuestionRow(OfCustomer, table=True):
    """What an agent asked a person. A typed answer is sealed in the vault, not here; once it has ended, it stays so.

    `action_sha256` binds an approval to the one action that it is for.
    """

    __tablename__ = "operation_questions"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        one_of("ending", QuestionEnding),
        unique_while("ended_at IS NULL", "uq_operation_questions_one_open", "operation_id"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID
    position: int
    kind: str = Field(max_length=20)
    words: str
    options: list[str] = Field(default_factory=list, sa_type=Json)
    action_sha256: str | None = Field(default=None, max_length=64)
    page_url: str | None = None
    picture_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: str | None = Field(default=None, max_length=20)
    chosen: int | None = None
    answered_by: str | None = Field(default=None, max_length=100)


class WorkflowChangeRow(OfCustomer, table=True):
    """A change of a learnt step that healing it suggests: what it looked for, what it found, and why that is the same.

    Accepted, it serves this customer; shared, a row of `shared_workflow_changes` says so to all. It holds for the step
    as it was learnt then (`step_sha256`): a newer one makes it void.
    """

    __tablename__ = "workflow_changes"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        one_of("state", ChangeState),
        Index("uq_workflow_changes_after", "customer_id", "step_sha256", "after_sha256", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID
    position: int
    workflow_id: str = Field(max_length=200)
    step_order: int
    step_sha256: str = Field(max_length=64)
    intent: str
    rung: str = Field(max_length=20)
    before: list[dict[str, Any]] = Field(sa_type=Json)
    after: list[dict[str, Any]] = Field(sa_type=Json)
    after_sha256: str = Field(max_length=64)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    picture_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(max_length=20)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SharedChangeRow(SQLModel, table=True):
    """A change that staff accepted for all. It belongs to nobody, and holds nothing of the customer it was seen at."""

    __tablename__ = "shared_workflow_changes"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    workflow_id: str = Field(max_length=200)
    step_order: int
    step_sha256: str = Field(max_length=64)
    after: list[dict[str, Any]] = Field(sa_type=Json)
    accepted_by: str = Field(max_length=100)
    accepted_at: datetime = Field(sa_type=UtcDateTime)
