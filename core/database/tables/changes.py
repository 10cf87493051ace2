"""Changes of what was learnt, which runs suggest and staff decide on."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.database.columns import Json, UtcDateTime, of_customer, one_of
from core.database.states import ChangeState
from core.database.tables.customers import OfCustomer


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
