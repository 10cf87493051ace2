"""A shop's owner may approve in their own browser: the approvals that were asked for."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of approvals."""
    op.create_table(
        "owner_approvals",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("state_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "ending IN ('given', 'declined', 'refused', 'replaced')", name=op.f("ck_owner_approvals_ending")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_owner_approvals_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f("fk_owner_approvals_customer_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_owner_approvals")),
        sa.UniqueConstraint("state_sha256", name=op.f("uq_owner_approvals_state_sha256")),
    )
    op.create_index(
        "uq_owner_approvals_one_open",
        "owner_approvals",
        ["customer_id", "operation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
