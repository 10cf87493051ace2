"""That somebody of staff may look at a customer's data for a while, and why."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "staff_access",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_staff_access_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_staff_access")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("staff_access")
