"""Who wants to be told of what becomes of operations, and what is to be told to them: the outbox."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, text
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, of_customer, one_of
from core.database.states import NotificationEvent
from core.database.tables.customers import OfCustomer

IS_DUE = text("sent_at IS NULL AND given_up_at IS NULL")


class WebhookRow(OfCustomer, table=True):
    """An address that is called; the key that signs what is sent there is in the vault. `last_*` is what came of the newest try."""

    __tablename__ = "webhooks"
    __table_args__ = (of_customer("users", "created_by"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    url: str = Field(max_length=500)
    events: list[str] = Field(default_factory=list, sa_type=Json)
    created_by: UUID
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_failure: str | None = None


class EmailChoiceRow(OfCustomer, table=True):
    """Of what a person is told by e-mail; nobody is told of anything that they have not chosen."""

    __tablename__ = "email_choices"
    __table_args__ = (of_customer("users", "user_id"),)
    user_id: UUID = Field(primary_key=True)
    events: list[str] = Field(default_factory=list, sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class NotificationRow(OfCustomer, table=True):
    """One thing to be told to one person, or one webhook, as it was when it happened; its id is the receiver's to know it by.

    Whoever sends it moves `next_at` first, and counts the try: so nobody else sends it meanwhile, and if they die on it, it
    is sent again with the same id.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        of_customer("users", "user_id"),
        of_customer("webhooks", "webhook_id"),
        one_of("event", NotificationEvent),
        Index("ix_notifications_due", "next_at", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID | None = None
    user_id: UUID | None = None
    webhook_id: UUID | None = None
    event: str = Field(max_length=20)
    status: str = Field(max_length=20)
    sentence: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    last_failure: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    given_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
