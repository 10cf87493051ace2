"""The audit chain of each customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, from_one
from core.database.tables.customers import OfCustomer

# How an operation ends, and the entry that says so. Entries are never deleted, so to count them is to count all there ever were.
ENDS = {
    "completed": "operation_completed",
    "failed": "operation_failed",
    "cancelled": "operation_cancelled",
}
IS_END = f"action IN ({', '.join(repr(action) for action in ENDS.values())})"


class AuditRow(OfCustomer, table=True):
    """One link of a customer's audit chain; see core/security/audit/audit_log.py for what is hashed."""

    __tablename__ = "autonomous_operations_audit"
    __table_args__ = (
        Index("ix_audit_operation", "customer_id", "operation_id", "seq"),
        Index("ix_audit_ends", "action", sqlite_where=text(IS_END), postgresql_where=text(IS_END)),
        from_one("seq"),
    )
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
    """The newest link of each chain, which is the row that writers lock; and how far it is signed and was verified.

    `outside_number` is the newest checkpoint that stands outside the database, too. `broken_because` is what the last
    verification found, if the chain was not whole.
    """

    __tablename__ = "audit_chain_heads"
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)
    checkpoint_number: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    checkpoint_seq: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    checkpoint_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outside_number: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    broken_at_seq: int | None = Field(default=None, sa_type=BigInteger)
    broken_because: str | None = None


class AuditCheckpointRow(OfCustomer, table=True):
    """A signed statement of how a chain stood; see core/security/audit/checkpoints.py for the text that is signed."""

    __tablename__ = "audit_checkpoints"
    __table_args__ = (from_one("number"), from_one("seq"))
    number: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)
    at: str = Field(max_length=40)
    previous: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    signature: str = Field(max_length=100)
