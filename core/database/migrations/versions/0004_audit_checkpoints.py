"""Signed checkpoints of the audit chains, and how far each chain is signed and was verified."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHAIN = "autonomous_operations_audit"


def upgrade() -> None:
    """Add columns to the heads of the chains, create the table of checkpoints, and find an operation's entries faster."""
    for name in ("checkpoint_number", "checkpoint_seq", "outside_number"):
        op.add_column("audit_chain_heads", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("checkpoint_at", "verified_at"):
        op.add_column("audit_chain_heads", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("audit_chain_heads", sa.Column("broken_at_seq", sa.BigInteger(), nullable=True))
    op.add_column("audit_chain_heads", sa.Column("broken_because", sa.String(), nullable=True))
    op.create_index("ix_audit_operation", CHAIN, ["customer_id", "operation_id", "seq"])
    op.create_table(
        "audit_checkpoints",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_audit_checkpoints_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "number", name=op.f("pk_audit_checkpoints")),
    )
