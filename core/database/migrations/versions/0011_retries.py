"""An operation that is tried once more: the how manieth try it is, and not before when; at most one for each."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPERATIONS, ONE_RETRY = "autonomous_operations", "uq_operations_one_retry"


def upgrade() -> None:
    """No operation of before is a try of another."""
    op.add_column(OPERATIONS, sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(OPERATIONS, sa.Column("not_before", UtcDateTime(), nullable=True))
    is_retry = sa.text("retry_of IS NOT NULL")
    columns = ["customer_id", "retry_of"]
    op.create_index(ONE_RETRY, OPERATIONS, columns, unique=True, sqlite_where=is_retry, postgresql_where=is_retry)


def downgrade() -> None:
    """Forget when something is tried once more."""
    op.drop_index(ONE_RETRY, table_name=OPERATIONS)
    with op.batch_alter_table(OPERATIONS) as batch:
        batch.drop_column("not_before")
        batch.drop_column("tries")
