"""Entries of the audit chains, and the checkpoints over them, count from 1."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNTED = (("autonomous_operations_audit", "seq"), ("audit_checkpoints", "number"), ("audit_checkpoints", "seq"))


def upgrade() -> None:
    """On SQLite the guards see to it, because a CHECK would build the tables anew.

    What stands there already is not looked at: a row that somebody put in is for verification to name, and no reason
    not to come up to date.
    """
    if op.get_bind().dialect.name == "postgresql":
        for table, column in COUNTED:
            op.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column}_from_one CHECK ({column} > 0) NOT VALID"
            )


def downgrade() -> None:
    """Count as before."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in COUNTED:
            op.drop_constraint(f"ck_{table}_{column}_from_one", table, type_="check")
