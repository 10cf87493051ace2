"""What was pressed is gone from the picture of afterwards: a step says on which earlier picture it is to be seen."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of earlier steps nobody knows."""
    op.add_column("operation_steps", sa.Column("touched_on", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Mark only what was filled in."""
    op.drop_column("operation_steps", "touched_on")
