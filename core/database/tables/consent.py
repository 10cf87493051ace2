"""What was agreed to."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, of_customer
from core.database.tables.customers import OfCustomer


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
