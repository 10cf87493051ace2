"""The tables; what runs leave is in run_tables.py. A row that belongs to a customer says so in its primary key and in every foreign key."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from core.database.columns import Json, UtcDateTime, of_customer, one_of, unique_while
from core.database.states import OPEN, OperationStatus

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


IS_OPEN = f"status IN ({', '.join(repr(s.value) for s in OPEN)})"


class Customer(SQLModel, table=True):
    """A tenant: a company that has its shop set up."""

    __tablename__ = "customers"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)


class OfCustomer(SQLModel):
    """What every row that belongs to a customer begins with."""

    customer_id: UUID = Field(primary_key=True, foreign_key="customers.id")


class User(OfCustomer, table=True):
    """A person who signs in; staff see statistics across customers."""

    __tablename__ = "users"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, unique=True)
    password_hash: str
    is_staff: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UserSession(OfCustomer, table=True):
    """A signed-in browser, known by the SHA-256 of its token."""

    __tablename__ = "user_sessions"
    __table_args__ = (of_customer("users", "user_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    token_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(OfCustomer, table=True):
    """A bearer token of the REST API, known by its SHA-256."""

    __tablename__ = "api_tokens"
    __table_args__ = (of_customer("users", "user_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    name: str = Field(max_length=100)
    token_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsentRow(OfCustomer, table=True):
    """What a person agreed to: for one service, one operation, one shop, until a day."""

    __tablename__ = "autonomous_consent"
    __table_args__ = (
        of_customer("users", "user_id"),
        Index("ix_consent_scope", "customer_id", "service", "operation", "store_origin"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    service: str = Field(max_length=50)
    operation: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    permissions: list[str] = Field(sa_type=Json)
    text_version: str = Field(max_length=20)
    text_sha256: str = Field(max_length=64)
    granted_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_because: str | None = None


class OperationRow(OfCustomer, table=True):
    """One thing asked of an agent; the authority on what runs where. Every write of a run carries its fence.

    What the model was asked is counted over all attempts: calls, tokens, and cost in millionths of a dollar.
    """

    __tablename__ = "autonomous_operations"
    __table_args__ = (
        of_customer("users", "requested_by"),
        of_customer("autonomous_consent", "consent_id"),
        of_customer("autonomous_operations", "retry_of"),
        one_of("status", OperationStatus),
        Index("ix_operations_recent", "customer_id", "created_at"),
        unique_while(IS_OPEN, "uq_operations_one_open_per_shop", "service", "store_origin"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    requested_by: UUID
    service: str = Field(max_length=50)
    operation: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    permissions: list[str] = Field(sa_type=Json)
    consent_id: UUID | None = None
    retry_of: UUID | None = None
    status: str = Field(max_length=20)
    current_step: int = 0
    total_steps: int = 0
    checkpoint: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    result: dict[str, Any] | None = Field(default=None, sa_type=Json)
    failure_code: str | None = Field(default=None, max_length=50)
    failure_sentence: str | None = None
    left_behind: str | None = None
    stop_asked_because: str | None = None
    model_calls: int = 0
    model_tokens: int = 0
    model_millionths: int = Field(default=0, sa_type=BigInteger)
    fence: int = Field(default=0, sa_type=BigInteger)
    attempt: int = 0
    lease_owner: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditRow(OfCustomer, table=True):
    """One link of a customer's audit chain; see core/security/audit.py for what is hashed."""

    __tablename__ = "autonomous_operations_audit"
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    at: str = Field(max_length=40)
    actor: str = Field(max_length=100)
    action: str = Field(max_length=50)
    operation_id: UUID | None = None
    detail: dict[str, Any] | None = Field(default=None, sa_type=Json)
    salt: str | None = Field(default=None, max_length=64)
    detail_digest: str = Field(max_length=64)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(OfCustomer, table=True):
    """The newest link of each chain; the row that writers lock."""

    __tablename__ = "audit_chain_heads"
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


class VaultMaster(SQLModel, table=True):
    """Which master key this database was sealed with, and a canary to know it by."""

    __tablename__ = "vault_master"
    key_id: str = Field(primary_key=True, max_length=16)
    canary: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class VaultKey(OfCustomer, table=True):
    """A customer's data key, wrapped by the master key."""

    __tablename__ = "vault_keys"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    master_key_id: str = Field(max_length=16, foreign_key="vault_master.key_id")
    wrapped: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class CredentialRow(OfCustomer, table=True):
    """One secret field of a service at one shop; only the envelope is stored."""

    __tablename__ = "autonomous_credentials"
    __table_args__ = (
        of_customer("vault_keys", "vault_key_id"),
        Index("uq_credentials_field", "customer_id", "service", "store_origin", "field", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    vault_key_id: UUID
    service: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    field: str = Field(max_length=50)
    version: int = 1
    envelope: str
    hint: str | None = Field(default=None, max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    use_count: int = 0
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConnectionRow(OfCustomer, table=True):
    """A shop that is connected: where, with which key (its last characters), how wide.

    Until its first key is proven, it has none. `superseded` are the operations whose keys were replaced by a newer one
    and are still to be revoked at the shop.
    """

    __tablename__ = "connections"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        Index("uq_connections_shop", "customer_id", "service", "store_origin", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID
    service: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    key_hint: str = Field(max_length=20)
    key_permission: str = Field(max_length=20)
    superseded: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    tested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    synced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    product_count: int = 0


class ProductRow(OfCustomer, table=True):
    """A product as the shop tells it. Prices are in hundredths of the shop's currency."""

    __tablename__ = "products"
    __table_args__ = (
        of_customer("connections", "connection_id"),
        Index("uq_products_remote", "customer_id", "connection_id", "remote_id", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    connection_id: UUID
    remote_id: int = Field(sa_type=BigInteger)
    name: str
    sku: str | None = None
    kind: str = Field(default="simple", max_length=20)
    price_hundredths: int | None = Field(default=None, sa_type=BigInteger)
    stock_status: str = Field(default="instock", max_length=20)
    total_sales: int = Field(default=0, sa_type=BigInteger)
    categories: list[str] = Field(default_factory=list, sa_type=Json)
    description: str = ""
    image_url: str | None = None
    page_url: str | None = None
    synced_at: datetime = Field(sa_type=UtcDateTime)
