"""What customers asked for of their own data."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from core.database.columns import UtcDateTime, one_of
from core.database.states import PrivacyKind
from core.database.tables.customers import OfCustomer


class PrivacyRequestRow(OfCustomer, table=True):
    """An export or a deletion that was asked for, and by when it has to be answered.

    A deletion is known by the SHA-256 of what confirms it, until it was confirmed.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (one_of("kind", PrivacyKind),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(max_length=20)
    asked_by: str = Field(max_length=100)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    confirmation_sha256: str | None = Field(default=None, max_length=64)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
