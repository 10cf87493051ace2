"""Who signs in, in which browser, and with which token."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from core.database.columns import UtcDateTime, of_customer
from core.database.tables.customers import OfCustomer


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
