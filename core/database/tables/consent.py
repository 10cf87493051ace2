"""What was agreed to."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, of_customer
from core.database.tables.customers import OfCustomer


class ConsentRow(OfCustomer, table=True):
    """What a person agreed to: for one purpose, one service, one operation, one shop, until a day.

    Once it is given, nothing of it changes but its end, which is set once. `terms` is a snapshot of all that was told with
    the words: who is responsible, which data, who receives it, where and how long it is kept. `audit_seq` and `audit_hash`
    are the entry of the chain that says it was given. Consents of the first versions have neither, and no receipt.
    """

    __tablename__ = "autonomous_consent"
    __table_args__ = (
        of_customer("users", "user_id"),
        of_customer("autonomous_consent", "supersedes"),
        Index("ix_consent_scope", "customer_id", "service", "operation", "store_origin"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    purpose: str = Field(default="act", max_length=20, sa_column_kwargs={"server_default": "act"})
    service: str = Field(max_length=50)
    operation: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    permissions: list[str] = Field(sa_type=Json)
    text_id: str = Field(default="autopilot", max_length=50, sa_column_kwargs={"server_default": "autopilot"})
    text_version: str = Field(max_length=20)
    text_sha256: str = Field(max_length=64)
    language: str = Field(default="en", max_length=20, sa_column_kwargs={"server_default": "en"})
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    surface: str | None = Field(default=None, max_length=20)
    method: str | None = Field(default=None, max_length=100)
    session_sha256: str | None = Field(default=None, max_length=64)
    ip_prefix: str | None = Field(default=None, max_length=50)
    terms: dict[str, Any] | None = Field(default=None, sa_type=Json)
    receipt_id: UUID | None = None
    supersedes: UUID | None = None
    audit_seq: int | None = Field(default=None, sa_type=BigInteger)
    audit_hash: str | None = Field(default=None, max_length=64)
    granted_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_as: str | None = Field(default=None, max_length=20)
    ended_because: str | None = None
