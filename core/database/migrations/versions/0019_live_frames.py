"""The newest frame of a run that is watched in another process than its own: of a moment, so PostgreSQL writes no log of it."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE = "live_frames"


def upgrade() -> None:
    """On SQLite nothing is ever in it: there is one process."""
    op.create_table(
        TABLE,
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f(f"fk_{TABLE}_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f(f"fk_{TABLE}_customer_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "operation_id", name=op.f(f"pk_{TABLE}")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} SET UNLOGGED")
        op.execute(f"ALTER TABLE {TABLE} ALTER COLUMN webp SET STORAGE EXTERNAL")  # a WebP file gets no smaller


def downgrade() -> None:
    """Show what another process carries out by its stored pictures alone."""
    op.drop_table(TABLE)
