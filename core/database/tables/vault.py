"""What the vault keeps: which master key it is, the wrapped keys of customers, and the sealed secrets."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.database.columns import UtcDateTime, of_customer
from core.database.tables.customers import OfCustomer


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
