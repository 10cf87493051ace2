"""Questions to a person, changes of what was learnt, and what the model cost."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the model's cost with its operation, and create the tables of questions and changes."""
    for name, kind in (("model_calls", sa.Integer), ("model_tokens", sa.Integer), ("model_millionths", sa.BigInteger)):
        op.add_column("autonomous_operations", sa.Column(name, kind(), nullable=False, server_default="0"))
    _create_questions()
    _create_changes()


def _create_questions() -> None:
    op.create_table(
        "operation_questions",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("action_sha256", sa.String(length=64), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("answered_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "ending IN ('answered', 'declined', 'expired', 'void')", name=op.f("ck_operation_questions_ending")
        ),
        *_of_an_operation("operation_questions"),
    )
    op.create_index(
        "uq_operation_questions_one_open",
        "operation_questions",
        ["customer_id", "operation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_changes() -> None:
    op.create_table(
        "workflow_changes",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_a_change(),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("rung", sa.String(length=20), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after_sha256", sa.String(length=64), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'shared', 'refused')", name=op.f("ck_workflow_changes_state")
        ),
        *_of_an_operation("workflow_changes"),
    )
    op.create_index(
        "uq_workflow_changes_after", "workflow_changes", ["customer_id", "step_sha256", "after_sha256"], unique=True
    )
    op.create_table(
        "shared_workflow_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_a_change(),
        sa.Column("accepted_by", sa.String(length=100), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_workflow_changes")),
    )


def _a_change() -> tuple[sa.Column[object], ...]:
    """Of which step, and what it is to look for from then on."""
    return (
        sa.Column("workflow_id", sa.String(length=200), nullable=False),
        sa.Column("step_order", sa.Integer(), nullable=False),
        sa.Column("step_sha256", sa.String(length=64), nullable=False),
        sa.Column("after", Json, nullable=False),
    )


def _of_an_operation(table: str) -> tuple[sa.Constraint, ...]:
    """The keys of a row that belongs to an operation of a customer."""
    return (
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f(f"fk_{table}_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f(f"fk_{table}_customer_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f(f"pk_{table}")),
    )
