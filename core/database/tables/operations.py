"""What is asked of an agent, its steps, and what a person is asked in between."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, of_customer, one_of, unique_while
from core.database.states import KEEPS_UP, OPEN, ApprovalEnding, OperationStatus, QuestionEnding, StepState
from core.database.tables.customers import OfCustomer

# What the statistics read of an operation that has ended, in one index: the rows themselves are wide.
COUNTED = (
    "finished_at",
    "operation",
    "service",
    "status",
    "failure_code",
    "took_seconds",
    "customer_id",
    "workflow_id",
    "workflow_version",
    "furthest_rung",
    "decided_steps",
    "model_millionths",
    "service_version",
)
IS_SETUP = f"operation NOT IN ({', '.join(map(repr, KEEPS_UP))})"
IS_OPEN = f"status IN ({', '.join(repr(s.value) for s in OPEN)})"


def _index_of(condition: str, name: str, *columns: str) -> Index:
    """An index of those rows alone for which this holds."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class OperationRow(OfCustomer, table=True):
    """One thing asked of an agent; the authority on what runs where. Every write of a run carries its fence.

    What the model was asked is counted over all attempts: calls, tokens, and cost in millionths of a dollar.
    `tries` says the how manieth try it is that was begun by itself; nobody has it `not_before` its time.
    For the statistics: which workflow it replayed and a digest of how that was learnt, what the service said its version is,
    how long it took, how many steps each rung decided, and the furthest of these rungs. They say nothing of what was before they were recorded.
    """

    __tablename__ = "autonomous_operations"
    __table_args__ = (
        of_customer("users", "requested_by"),
        of_customer("autonomous_consent", "consent_id"),
        of_customer("autonomous_operations", "retry_of"),
        one_of("status", OperationStatus),
        Index("ix_operations_ended", *COUNTED),
        Index("ix_operations_recent", "customer_id", "created_at", "id"),
        Index("ix_operations_all", "created_at", "id"),
        _index_of(IS_SETUP, "ix_operations_setups", "customer_id", "created_at", "id"),
        _index_of(IS_SETUP, "ix_operations_all_setups", "created_at", "id"),
        _index_of("failure_code IS NOT NULL", "ix_operations_failures", "failure_code", "created_at", "id"),
        unique_while(IS_OPEN, "uq_operations_one_open_per_shop", "service", "store_origin"),
        unique_while("retry_of IS NOT NULL", "uq_operations_one_retry", "retry_of"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    requested_by: UUID
    service: str = Field(max_length=50)
    operation: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    permissions: list[str] = Field(sa_type=Json)
    consent_id: UUID | None = None
    retry_of: UUID | None = None
    tries: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: str = Field(max_length=20)
    current_step: int = 0
    total_steps: int = 0
    checkpoint: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    result: dict[str, Any] | None = Field(default=None, sa_type=Json)
    failure_code: str | None = Field(default=None, max_length=50)
    failure_sentence: str | None = None
    left_behind: str | None = None
    stop_asked_because: str | None = None
    model_calls: int = 0
    model_tokens: int = 0
    model_millionths: int = Field(default=0, sa_type=BigInteger)
    workflow_id: str | None = Field(default=None, max_length=200)
    workflow_version: str | None = Field(default=None, max_length=64)
    service_version: str | None = Field(default=None, max_length=100)
    took_seconds: float | None = None
    decided_steps: dict[str, int] | None = Field(default=None, sa_type=Json)
    furthest_rung: str | None = Field(default=None, max_length=20)
    fence: int = Field(default=0, sa_type=BigInteger)
    attempt: int = 0
    lease_owner: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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
    touched_on: UUID | None = None  # the picture that what was pressed is to be seen on; all else is on the step's own
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


class LiveFrameRow(OfCustomer, table=True):
    """How a run looks that is watched in another process than its own: the newest frame alone, for as long as it is watched.

    PostgreSQL keeps no log of this table. When its process was heard of last is told by the database's clock.
    """

    __tablename__ = "live_frames"
    __table_args__ = (of_customer("autonomous_operations", "operation_id"),)
    operation_id: UUID = Field(primary_key=True)
    process: UUID
    number: int = Field(sa_type=BigInteger)  # 0: there is no frame yet
    is_paused: bool
    webp: bytes | None = Field(default=None, sa_type=LargeBinary)
    seen_at: datetime = Field(sa_type=UtcDateTime)
