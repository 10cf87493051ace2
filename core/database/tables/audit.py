"""The audit chain of each customer."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from core.database.columns import Json
from core.database.tables.customers import OfCustomer


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
