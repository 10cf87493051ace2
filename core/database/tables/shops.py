"""The shops that are connected, and their products."""

from datetime import datetime
from secrets import randbits
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from core.database.columns import Json, UtcDateTime, of_customer
from core.database.tables.customers import OfCustomer

SEARCH_ID_BITS = 62  # of a positive whole number that both databases hold; two alike are one in billions of millions


class ConnectionRow(OfCustomer, table=True):
    """A shop that is connected: where, with which key (its last characters), how wide.

    Until its first key is proven, it has none. `superseded` are the operations whose keys were replaced by a newer one
    and are still to be revoked at the shop. `trouble` is a sentence on what is wrong with the key, since when.
    """

    __tablename__ = "connections"
    __table_args__ = (
        of_customer("autonomous_operations", "operation_id"),
        Index("uq_connections_shop", "customer_id", "service", "store_origin", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    operation_id: UUID
    service: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    key_hint: str = Field(max_length=20)
    key_permission: str = Field(max_length=20)
    superseded: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    tested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str | None = None
    trouble_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    synced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    product_count: int = 0


class ScheduleRow(OfCustomer, table=True):
    """An operation that is asked for again and again, as whoever switched that on; paused for a reason, or not at all."""

    __tablename__ = "schedules"
    __table_args__ = (
        of_customer("users", "created_by"),
        of_customer("autonomous_operations", "last_operation_id"),
        Index("uq_schedules_one", "customer_id", "service", "operation", "store_origin", unique=True),
        Index("ix_schedules_due", "next_at"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    service: str = Field(max_length=50)
    operation: str = Field(max_length=50)
    store_origin: str = Field(max_length=300)
    every_seconds: int
    next_at: datetime = Field(sa_type=UtcDateTime)
    paused_because: str | None = None
    last_operation_id: UUID | None = None
    created_by: UUID
    created_at: datetime = Field(sa_type=UtcDateTime)


class ProductRow(OfCustomer, table=True):
    """A product as the shop tells it. Prices are in hundredths of the shop's currency.

    `search_text` are the words it is found by, folded; `search_id` is what the index of words knows it by.
    """

    __tablename__ = "products"
    __table_args__ = (
        of_customer("connections", "connection_id"),
        Index("uq_products_remote", "customer_id", "connection_id", "remote_id", unique=True),
        Index("uq_products_search_id", "search_id", unique=True),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    connection_id: UUID
    remote_id: int = Field(sa_type=BigInteger)
    name: str
    sku: str | None = None
    kind: str = Field(default="simple", max_length=20)
    price_hundredths: int | None = Field(default=None, sa_type=BigInteger)
    stock_status: str = Field(default="instock", max_length=20)
    total_sales: int = Field(default=0, sa_type=BigInteger)
    categories: list[str] = Field(default_factory=list, sa_type=Json)
    description: str = ""
    image_url: str | None = None
    page_url: str | None = None
    search_text: str = ""
    search_id: int = Field(default_factory=lambda: randbits(SEARCH_ID_BITS), sa_type=BigInteger)
    synced_at: datetime = Field(sa_type=UtcDateTime)
