"""What the vault keeps: its master keys, the wrapped keys of customers, and the sealed secrets."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel, col

from core.database.columns import UtcDateTime, of_customer, one_of
from core.database.states import MasterState
from core.database.tables.audit import AuditRow
from core.database.tables.customers import OfCustomer

ONLY_ONE = text("state IN ('coming', 'primary')")  # of each
VAULT_WRITES = text("action IN ('secret_stored', 'secret_resealed', 'secret_limited', 'secret_deleted')")

# What the vault has written of a secret is looked up at each use; among all that a customer does it is little.
Index(
    "ix_audit_vault_writes",
    col(AuditRow.customer_id),
    col(AuditRow.seq),
    sqlite_where=VAULT_WRITES,
    postgresql_where=VAULT_WRITES,
)


class VaultMaster(SQLModel, table=True):
    """A master key this database was sealed with: where its life stands, a canary to know it by, how often it wrapped.

    Which one is the primary stands here, so that all processes agree. The key itself is never in the database.
    """

    __tablename__ = "vault_master"
    __table_args__ = (
        one_of("state", MasterState),
        Index("uq_vault_master_state", "state", unique=True, sqlite_where=ONLY_ONE, postgresql_where=ONLY_ONE),
    )
    key_id: str = Field(primary_key=True, max_length=16)
    canary: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default=MasterState.PRIMARY, max_length=20)
    wraps: int = Field(default=0, sa_type=BigInteger)
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VaultKey(OfCustomer, table=True):
    """A customer's data key, wrapped by a master key; the one of the highest generation seals what is new."""

    __tablename__ = "vault_keys"
    __table_args__ = (Index("uq_vault_keys_generation", "customer_id", "generation", unique=True),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    master_key_id: str = Field(max_length=16, foreign_key="vault_master.key_id")
    wrapped: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    generation: int = 1


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
