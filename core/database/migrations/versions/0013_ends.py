"""How operations ended is counted at each look at the metrics: from an index of the entries that say so, and of no others."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

IS_END = sa.text("action IN ('operation_completed', 'operation_failed', 'operation_cancelled')")


def upgrade() -> None:
    """One entry in thirty is in it."""
    op.create_index(
        "ix_audit_ends",
        "autonomous_operations_audit",
        ["action"],
        sqlite_where=IS_END,
        postgresql_where=IS_END,
    )


def downgrade() -> None:
    """Count by walking through the chains."""
    op.drop_index("ix_audit_ends", "autonomous_operations_audit")
