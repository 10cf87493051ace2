"""Who is told of what becomes of operations, and the outbox; where a browser signed in from."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.database.columns import Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHOICES, WEBHOOKS, OUTBOX, SESSIONS = "email_choices", "webhooks", "notifications", "user_sessions"
IS_DUE = sa.text("sent_at IS NULL AND given_up_at IS NULL")
EVENTS = "event IN ('finished', 'failed', 'needs_you', 'test')"


def upgrade() -> None:
    """Nobody is told of anything until they choose it."""
    op.add_column(SESSIONS, sa.Column("network", sa.String(length=100), nullable=True))
    op.add_column(SESSIONS, sa.Column("browser", sa.String(length=60), nullable=True))
    op.create_table(
        WEBHOOKS,
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("last_failure", sa.String(), nullable=True),
        *_keys(WEBHOOKS, ["customer_id", "id"], ("created_by", "users")),
    )
    op.create_table(
        CHOICES,
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        *_keys(CHOICES, ["customer_id", "user_id"], ("user_id", "users")),
    )
    _create_outbox()
    op.create_index("ix_notifications_due", OUTBOX, ["next_at"], sqlite_where=IS_DUE, postgresql_where=IS_DUE)


def _create_outbox() -> None:
    operation, user, webhook = ("operation_id", "autonomous_operations"), ("user_id", "users"), ("webhook_id", WEBHOOKS)
    op.create_table(
        OUTBOX,
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("last_failure", sa.String(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("given_up_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(EVENTS, name=op.f("ck_notifications_event")),
        *_keys(OUTBOX, ["customer_id", "id"], operation, user, webhook),
    )


def _keys(table: str, primary: Sequence[str], *others: tuple[str, str]) -> list[Any]:
    """The primary key of a customer's table, and its foreign keys, none of which leaves that customer."""
    theirs = [
        sa.ForeignKeyConstraint(
            ["customer_id", column], [f"{of}.customer_id", f"{of}.id"], name=op.f(f"fk_{table}_customer_id_{column}")
        )
        for column, of in others
    ]
    whose = sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f(f"fk_{table}_customer_id"))
    return [whose, *theirs, sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}"))]


def downgrade() -> None:
    """Tell nobody anything any more."""
    for table in (OUTBOX, CHOICES, WEBHOOKS):
        op.drop_table(table)
    with op.batch_alter_table(SESSIONS) as batch:
        batch.drop_column("browser")
        batch.drop_column("network")
