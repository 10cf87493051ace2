"""Lists of operations are read page by page, by filters and across customers: from indexes in the order of the list.

What schedules do every hour outnumbers setups by far, so that setups have indexes of their own; so has what failed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "autonomous_operations"
IS_SETUP = sa.text("operation NOT IN ('resync', 'check')")
HAS_FAILED = sa.text("failure_code IS NOT NULL")
NEW = {
    "ix_operations_all": (["created_at", "id"], None),
    "ix_operations_setups": (["customer_id", "created_at", "id"], IS_SETUP),
    "ix_operations_all_setups": (["created_at", "id"], IS_SETUP),
    "ix_operations_failures": (["failure_code", "created_at", "id"], HAS_FAILED),
}


def upgrade() -> None:
    """The one that there was has the id in it, too: two operations may have one moment, and a page ends between them."""
    op.drop_index("ix_operations_recent", TABLE)
    op.create_index("ix_operations_recent", TABLE, ["customer_id", "created_at", "id"])
    for name, (columns, condition) in NEW.items():
        op.create_index(name, TABLE, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Read a customer's newest alone."""
    for name in NEW:
        op.drop_index(name, TABLE)
    op.drop_index("ix_operations_recent", TABLE)
    op.create_index("ix_operations_recent", TABLE, ["customer_id", "created_at"])
