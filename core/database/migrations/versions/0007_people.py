"""Roles, scopes of tokens, second factors, tries to sign in, and the code of the first admin."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROLES = "'owner', 'member', 'operator', 'auditor', 'admin'"
STAGES = "'wholly', 'needs_code', 'needs_enrolment'"
EVERY_SCOPE = "read operate consent credentials audit privacy staff"


def upgrade() -> None:
    """Give everybody a role, and create the tables of what signing in needs from now on.

    The constraints stand in the columns' own lines: so SQLite adds them, too, without building the tables anew.
    """
    op.execute(
        "ALTER TABLE users ADD COLUMN role VARCHAR(20) DEFAULT 'owner' NOT NULL "
        f"CONSTRAINT ck_users_role CHECK (role IN ({ROLES}))"
    )
    op.execute("UPDATE users SET role = 'admin' WHERE is_staff")
    op.add_column("users", sa.Column("demo_only", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute(
        "ALTER TABLE user_sessions ADD COLUMN signed_in VARCHAR(20) DEFAULT 'wholly' NOT NULL "
        f"CONSTRAINT ck_user_sessions_signed_in CHECK (signed_in IN ({STAGES}))"
    )
    op.add_column("api_tokens", sa.Column("scopes", sa.String(length=200), nullable=False, server_default=EVERY_SCOPE))
    _create_second_factors()
    _create_what_belongs_to_nobody()


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        *_of_a_user("second_factors"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
    )
    op.create_index("uq_second_factors_user", "second_factors", ["user_id"], unique=True)
    op.create_table(
        "recovery_codes",
        *_of_a_user("recovery_codes"),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_recovery_codes_user", "recovery_codes", ["user_id"])


def _create_what_belongs_to_nobody() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("tried_sha256", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("is_account", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tried_sha256", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])
    op.create_table(
        "first_admin_codes",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_first_admin_codes")),
    )


def _of_a_user(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    """The columns and keys of a row that belongs to a customer's person."""
    return (
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f(f"fk_{table}_customer_id")),
        sa.ForeignKeyConstraint(
            ["customer_id", "user_id"],
            ["users.customer_id", "users.id"],
            name=op.f(f"fk_{table}_customer_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f(f"pk_{table}")),
    )
