"""Of each operation, what the statistics ask for: which workflow it replayed, what the service's version was, who decided.

They are read from an index, so that neither wide rows nor steps have to be.
"""

import sqlalchemy as sa
from alembic import op

from core.database.columns import Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPERATIONS = "autonomous_operations"
NEW = (
    ("workflow_id", sa.String(length=200)),
    ("workflow_version", sa.String(length=64)),
    ("service_version", sa.String(length=100)),
    ("took_seconds", sa.Float()),
    ("decided_steps", Json),
    ("furthest_rung", sa.String(length=20)),
)
COUNTED = [
    *("finished_at", "operation", "service", "status", "failure_code", "took_seconds", "customer_id"),
    *("workflow_id", "workflow_version", "furthest_rung", "decided_steps", "model_millionths", "service_version"),
]
FURTHEST_FIRST = ("person", "model", "likeness", "accepted", "alternative", "recorded", "code")


def upgrade() -> None:
    """Which workflow it was, and which version, nobody has written down before."""
    for name, kind in NEW:
        op.add_column(OPERATIONS, sa.Column(name, kind, nullable=True))
    count_what_has_ended()
    op.create_index("ix_operations_ended", OPERATIONS, COUNTED)


def count_what_has_ended() -> None:
    """Who decided is told by the steps that are there, and how long it took by the two moments."""
    _count_steps()
    op.execute(sa.text(f"UPDATE {OPERATIONS} SET took_seconds = {_took()} WHERE finished_at IS NOT NULL"))  # noqa: S608  constants
    counted = "CAST(decided_steps AS TEXT)"
    furthest = " ".join(f"WHEN {counted} LIKE '%\"{rung}\"%' THEN '{rung}'" for rung in FURTHEST_FIRST)
    op.execute(
        sa.text(f"UPDATE {OPERATIONS} SET furthest_rung = CASE {furthest} END WHERE decided_steps IS NOT NULL")  # noqa: S608  constants
    )


def _count_steps() -> None:
    """For those that have ended; the others are counted when they do."""
    put_together = (
        "jsonb_object_agg(decided_by, steps)"
        if op.get_bind().dialect.name == "postgresql"
        else "NULLIF(json_group_object(decided_by, steps), '{}')"
    )
    op.execute(
        sa.text(
            f"UPDATE {OPERATIONS} SET decided_steps = (SELECT {put_together} FROM ("  # noqa: S608  constants
            "SELECT decided_by, count(*) AS steps FROM operation_steps"
            f" WHERE operation_steps.customer_id = {OPERATIONS}.customer_id AND operation_id = {OPERATIONS}.id"
            " AND state = 'done' AND decided_by IS NOT NULL GROUP BY decided_by ORDER BY decided_by) AS counted)"
            " WHERE finished_at IS NOT NULL"
        )
    )


def _took() -> str:
    if op.get_bind().dialect.name == "postgresql":
        return "extract(epoch FROM finished_at - started_at)"
    return "round((julianday(finished_at) - julianday(started_at)) * 86400, 3)"


def downgrade() -> None:
    """Count from the steps, and know of no versions."""
    op.drop_index("ix_operations_ended", OPERATIONS)
    with op.batch_alter_table(OPERATIONS) as batch:
        for name, _ in reversed(NEW):
            batch.drop_column(name)
