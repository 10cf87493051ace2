"""A consent is for one purpose, and records all that was told with it; how it ended is a word of its own."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CONSENT = "autonomous_consent"
TOLD = (  # what an earlier consent did not record
    ("shown_at", UtcDateTime()),
    ("surface", sa.String(length=20)),
    ("method", sa.String(length=100)),
    ("session_sha256", sa.String(length=64)),
    ("ip_prefix", sa.String(length=50)),
    ("terms", Json),
    ("receipt_id", sa.Uuid()),
    ("supersedes", sa.Uuid()),
    ("audit_seq", sa.BigInteger()),
    ("audit_hash", sa.String(length=64)),
    ("ended_as", sa.String(length=20)),
)


def upgrade() -> None:
    """Every consent so far is one to act; one that had ended was withdrawn."""
    for name, length, default in (("purpose", 20, "act"), ("text_id", 50, "autopilot"), ("language", 20, "en")):
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default=default)
        op.add_column(CONSENT, column)
    for old, new in (("revoked_at", "ended_at"), ("revoked_because", "ended_because")):
        op.execute(f"ALTER TABLE {CONSENT} RENAME COLUMN {old} TO {new}")
    with op.batch_alter_table(CONSENT) as batch:
        for name, kind in TOLD:
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.create_foreign_key(
            op.f("fk_autonomous_consent_customer_id_supersedes"),
            CONSENT,
            ["customer_id", "supersedes"],
            ["customer_id", "id"],
        )
    op.execute(f"UPDATE {CONSENT} SET ended_as = 'withdrawn' WHERE ended_at IS NOT NULL")  # noqa: S608  only our own names
