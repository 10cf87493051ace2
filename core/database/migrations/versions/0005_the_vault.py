"""Master keys have a life, customers' data keys a generation; what the vault has written is found in the audit chain."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONLY_ONE = sa.text("state IN ('coming', 'primary')")
VAULT_WRITES = sa.text("action IN ('secret_stored', 'secret_resealed', 'secret_limited', 'secret_deleted')")
# Two first secrets of a customer at once could have made two keys, of which both seal something.
NUMBERED = """
    UPDATE vault_keys SET generation = (
        SELECT count(*) FROM vault_keys AS other WHERE other.customer_id = vault_keys.customer_id
        AND (other.created_at, other.id) <= (vault_keys.created_at, vault_keys.id)
    )
"""
COUNTED = "UPDATE vault_master SET wraps = (SELECT count(*) FROM vault_keys WHERE master_key_id = vault_master.key_id)"


def upgrade() -> None:
    """The one master key there is is the primary; the data keys of a customer are numbered by their age."""
    with op.batch_alter_table("vault_master") as master:
        master.add_column(sa.Column("state", sa.String(length=20), nullable=False, server_default="primary"))
        master.add_column(sa.Column("wraps", sa.BigInteger(), nullable=False, server_default="0"))
        master.add_column(sa.Column("changed_at", UtcDateTime(), nullable=True))
        master.create_check_constraint(
            op.f("ck_vault_master_state"), "state IN ('coming', 'primary', 'old', 'retired', 'destroyed')"
        )
    op.create_index(
        "uq_vault_master_state",
        "vault_master",
        ["state"],
        unique=True,
        sqlite_where=ONLY_ONE,
        postgresql_where=ONLY_ONE,
    )
    op.add_column("vault_keys", sa.Column("generation", sa.Integer(), nullable=False, server_default="1"))
    op.execute(NUMBERED)
    op.execute(COUNTED)
    op.create_index("uq_vault_keys_generation", "vault_keys", ["customer_id", "generation"], unique=True)
    op.create_index(
        "ix_audit_vault_writes",
        "autonomous_operations_audit",
        ["customer_id", "seq"],
        sqlite_where=VAULT_WRITES,
        postgresql_where=VAULT_WRITES,
    )
