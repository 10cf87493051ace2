"""Operations that are tried once more, and those that are asked for again and again; what is wrong with a connection."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CONNECTIONS, SCHEDULES = "connections", "schedules"
OPERATIONS, ONE_RETRY = "autonomous_operations", "uq_operations_one_retry"


def upgrade() -> None:
    """No operation of before is a try of another, and nothing is asked for by itself."""
    op.add_column(OPERATIONS, sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(OPERATIONS, sa.Column("not_before", UtcDateTime(), nullable=True))
    is_retry = sa.text("retry_of IS NOT NULL")
    columns = ["customer_id", "retry_of"]
    op.create_index(ONE_RETRY, OPERATIONS, columns, unique=True, sqlite_where=is_retry, postgresql_where=is_retry)

    op.add_column(CONNECTIONS, sa.Column("trouble", sa.String(), nullable=True))
    op.add_column(CONNECTIONS, sa.Column("trouble_since", UtcDateTime(), nullable=True))
    op.create_table(
        SCHEDULES,
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=50), nullable=False),
        sa.Column("operation", sa.String(length=50), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("paused_because", sa.String(), nullable=True),
        sa.Column("last_operation_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_schedules_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "created_by"],
            ["users.customer_id", "users.id"],
            name=op.f("fk_schedules_customer_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "last_operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f("fk_schedules_customer_id_last_operation_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_schedules")),
    )
    place = ["customer_id", "service", "operation", "store_origin"]
    op.create_index("uq_schedules_one", SCHEDULES, place, unique=True)
    op.create_index("ix_schedules_due", SCHEDULES, ["next_at"])


def downgrade() -> None:
    """Forget what is asked for again and again, and when something is tried once more."""
    op.drop_table(SCHEDULES)
    with op.batch_alter_table(CONNECTIONS) as batch:
        batch.drop_column("trouble_since")
        batch.drop_column("trouble")
    op.drop_index(ONE_RETRY, table_name=OPERATIONS)
    with op.batch_alter_table(OPERATIONS) as batch:
        batch.drop_column("not_before")
        batch.drop_column("tries")
