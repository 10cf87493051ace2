"""The tables of Procrastinate, which wakes workers; on SQLite there is one process, and nobody to wake."""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "procrastinate_periodic_defers")


def upgrade() -> None:
    """As the library writes them; its jobs name ids alone, so they are no customer's rows (who may write: row_security.py)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    raw: Any = op.get_bind().connection.driver_connection
    raw.execute(import_module("procrastinate.schema").SchemaManager.get_schema())


def downgrade() -> None:
    """Wake nobody any more."""
    if op.get_bind().dialect.name == "postgresql":
        for table in reversed(TABLES):
            op.execute(f"DROP TABLE {table} CASCADE")
        _drop_functions_and_types()


def _drop_functions_and_types() -> None:
    made = (
        "SELECT format('DROP FUNCTION %s', oid::regprocedure) FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' "
        "AND pronamespace = current_schema()::regnamespace UNION ALL "
        "SELECT format('DROP TYPE %s', oid::regtype) FROM pg_type WHERE typname LIKE 'procrastinate\\_%' "
        "AND typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'c')"
    )
    for (drop,) in op.get_bind().exec_driver_sql(made.replace("%", "%%")).all():
        op.execute(drop)
