"""What customers ask for of their own data, and that one was deleted."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column to customers, and create the table of requests."""
    op.add_column("customers", sa.Column("deleted_at", UtcDateTime(), nullable=True))
    op.create_table(
        "privacy_requests",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("confirmation_sha256", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('export', 'delete')", name=op.f("ck_privacy_requests_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_privacy_requests_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_privacy_requests")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("privacy_requests")
    op.drop_column("customers", "deleted_at")
