"""Who signs in, in which browser, with which token and which second factor; and how often it was tried in vain."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from core.database.columns import UtcDateTime, of_customer, one_of
from core.database.roles import Role, SignedIn
from core.database.tables.customers import OfCustomer

EVERY_SCOPE = "read operate consent credentials audit privacy staff"  # what tokens of older versions could do


class User(OfCustomer, table=True):
    """A person who signs in; what they may do follows from their role, in core/security/people/authorize.py.

    `is_staff` is what versions before roles went by; it is kept for a step back to them, and decides nothing.
    Accounts of the demo (`demo_only`) let nobody in anywhere else.
    """

    __tablename__ = "users"
    __table_args__ = (one_of("role", Role),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, unique=True)
    password_hash: str
    is_staff: bool = False
    role: str = Field(default=Role.OWNER.value, max_length=20, sa_column_kwargs={"server_default": Role.OWNER.value})
    demo_only: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UserSession(OfCustomer, table=True):
    """A signed-in browser, known by the SHA-256 of its token; `network` and `browser` are where it signed in from, in short."""

    __tablename__ = "user_sessions"
    __table_args__ = (of_customer("users", "user_id"), one_of("signed_in", SignedIn))
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    token_sha256: str = Field(max_length=64, unique=True)
    signed_in: str = Field(
        default=SignedIn.WHOLLY.value, max_length=20, sa_column_kwargs={"server_default": SignedIn.WHOLLY.value}
    )
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    network: str | None = Field(default=None, max_length=100)
    browser: str | None = Field(default=None, max_length=60)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(OfCustomer, table=True):
    """A bearer token of the REST API, known by its SHA-256; `scopes` are words with spaces between."""

    __tablename__ = "api_tokens"
    __table_args__ = (of_customer("users", "user_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    name: str = Field(max_length=100)
    token_sha256: str = Field(max_length=64, unique=True)
    scopes: str = Field(default=EVERY_SCOPE, max_length=200, sa_column_kwargs={"server_default": EVERY_SCOPE})
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SecondFactorRow(OfCustomer, table=True):
    """A person's authenticator app: when it was shown to work, and the last period whose code was used.

    The key that its codes come from is in the vault.
    """

    __tablename__ = "second_factors"
    __table_args__ = (of_customer("users", "user_id"), Index("uq_second_factors_user", "user_id", unique=True))
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = Field(default=0, sa_type=BigInteger)


class RecoveryCodeRow(OfCustomer, table=True):
    """A code for who has lost their authenticator app: good once, known by its SHA-256."""

    __tablename__ = "recovery_codes"
    __table_args__ = (of_customer("users", "user_id"), Index("ix_recovery_codes_user", "user_id"))
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID
    code_sha256: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInTries(SQLModel, table=True):
    """How often a sign-in was tried in vain, for an account or from a network: in a row, and since it was quiet.

    Of what was tried only the SHA-256 is kept: an address that nobody has may be a password in the wrong field.
    """

    __tablename__ = "sign_in_tries"
    tried_sha256: str = Field(primary_key=True, max_length=64)
    counted: int = 0
    recent: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_account: bool = False


class FirstAdminCode(SQLModel, table=True):
    """A code printed on the console, with which the first admin is made; known by its SHA-256."""

    __tablename__ = "first_admin_codes"
    code_sha256: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffAccessRow(OfCustomer, table=True):
    """That somebody of staff may look at a customer's data for a while, and why. It belongs to the customer, who sees it."""

    __tablename__ = "staff_access"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    staff_id: UUID
    reason: str = Field(max_length=500)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
