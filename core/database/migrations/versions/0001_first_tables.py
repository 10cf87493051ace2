"""The first tables."""

import sqlalchemy as sa
from alembic import op

from core.database.columns import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, those that others refer to first."""
    _customers()
    _vault_master()
    _audit_chain_heads()
    _autonomous_operations_audit()
    _users()
    _vault_keys()
    _api_tokens()
    _autonomous_consent()
    _autonomous_credentials()
    _user_sessions()
    _autonomous_operations()
    _connections()
    _operation_steps()
    _products()


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )


def _vault_master() -> None:
    op.create_table(
        "vault_master",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("canary", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_vault_master")),
    )


def _audit_chain_heads() -> None:
    op.create_table(
        "audit_chain_heads",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_audit_chain_heads_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_audit_chain_heads")),
    )


def _autonomous_operations_audit() -> None:
    op.create_table(
        "autonomous_operations_audit",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("detail", Json, nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("detail_digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_autonomous_operations_audit_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "seq", name=op.f("pk_autonomous_operations_audit")),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_users_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )


def _vault_keys() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("master_key_id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_vault_keys_customer_id")),
        sa.ForeignKeyConstraint(["master_key_id"], ["vault_master.key_id"], name=op.f("fk_vault_keys_master_key_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_vault_keys")),
    )


def _api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "user_id"],
            ["users.customer_id", "users.id"],
            name=op.f("fk_api_tokens_customer_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_api_tokens_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_tokens_token_sha256")),
    )


def _autonomous_consent() -> None:
    op.create_table(
        "autonomous_consent",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=50), nullable=False),
        sa.Column("operation", sa.String(length=50), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "user_id"],
            ["users.customer_id", "users.id"],
            name=op.f("fk_autonomous_consent_customer_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_autonomous_consent_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_autonomous_consent")),
    )
    op.create_index(
        "ix_consent_scope", "autonomous_consent", ["customer_id", "service", "operation", "store_origin"], unique=False
    )


def _autonomous_credentials() -> None:
    op.create_table(
        "autonomous_credentials",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vault_key_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=50), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("field", sa.String(length=50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.String(), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("use_count", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "vault_key_id"],
            ["vault_keys.customer_id", "vault_keys.id"],
            name=op.f("fk_autonomous_credentials_customer_id_vault_key_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_autonomous_credentials_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_autonomous_credentials")),
    )
    op.create_index(
        "uq_credentials_field",
        "autonomous_credentials",
        ["customer_id", "service", "store_origin", "field"],
        unique=True,
    )


def _user_sessions() -> None:
    op.create_table(
        "user_sessions",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "user_id"],
            ["users.customer_id", "users.id"],
            name=op.f("fk_user_sessions_customer_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_user_sessions_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_user_sessions_token_sha256")),
    )


def _autonomous_operations() -> None:
    op.create_table(
        "autonomous_operations",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=50), nullable=False),
        sa.Column("operation", sa.String(length=50), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("retry_of", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("current_step", sa.Integer(), nullable=False),
        sa.Column("total_steps", sa.Integer(), nullable=False),
        sa.Column("checkpoint", Json, nullable=False),
        sa.Column("result", Json, nullable=True),
        sa.Column("failure_code", sa.String(length=50), nullable=True),
        sa.Column("failure_sentence", sa.String(), nullable=True),
        sa.Column("left_behind", sa.String(), nullable=True),
        sa.Column("stop_asked_because", sa.String(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('awaiting_consent', 'pending', 'in_progress', 'awaiting_input', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_autonomous_operations_status"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "consent_id"],
            ["autonomous_consent.customer_id", "autonomous_consent.id"],
            name=op.f("fk_autonomous_operations_customer_id_consent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "requested_by"],
            ["users.customer_id", "users.id"],
            name=op.f("fk_autonomous_operations_customer_id_requested_by"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "retry_of"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f("fk_autonomous_operations_customer_id_retry_of"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_autonomous_operations_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_autonomous_operations")),
    )
    op.create_index("ix_operations_recent", "autonomous_operations", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "uq_operations_one_open_per_shop",
        "autonomous_operations",
        ["customer_id", "service", "store_origin"],
        unique=True,
        sqlite_where=sa.text("status IN ('awaiting_consent', 'pending', 'in_progress', 'awaiting_input')"),
        postgresql_where=sa.text("status IN ('awaiting_consent', 'pending', 'in_progress', 'awaiting_input')"),
    )


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=50), nullable=False),
        sa.Column("store_origin", sa.String(length=300), nullable=False),
        sa.Column("key_hint", sa.String(length=20), nullable=False),
        sa.Column("key_permission", sa.String(length=20), nullable=False),
        sa.Column("superseded", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tested_at", UtcDateTime(), nullable=True),
        sa.Column("synced_at", UtcDateTime(), nullable=True),
        sa.Column("product_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f("fk_connections_customer_id_operation_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_connections_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_connections")),
    )
    op.create_index("uq_connections_shop", "connections", ["customer_id", "service", "store_origin"], unique=True)


def _operation_steps() -> None:
    op.create_table(
        "operation_steps",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("expected", sa.String(), nullable=True),
        sa.Column("seen", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("touched", Json, nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('to_come', 'running', 'done', 'skipped', 'failed')", name=op.f("ck_operation_steps_state")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "operation_id"],
            ["autonomous_operations.customer_id", "autonomous_operations.id"],
            name=op.f("fk_operation_steps_customer_id_operation_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_operation_steps_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "operation_id", "position", name=op.f("pk_operation_steps")),
    )


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("price_hundredths", sa.BigInteger(), nullable=True),
        sa.Column("stock_status", sa.String(length=20), nullable=False),
        sa.Column("total_sales", sa.BigInteger(), nullable=False),
        sa.Column("categories", Json, nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("image_url", sa.String(), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("synced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "connection_id"],
            ["connections.customer_id", "connections.id"],
            name=op.f("fk_products_customer_id_connection_id"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_products_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_products")),
    )
    op.create_index("uq_products_remote", "products", ["customer_id", "connection_id", "remote_id"], unique=True)
