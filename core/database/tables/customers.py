"""Customers, and what every row of theirs begins with: its customer, in the primary key and in every foreign key."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from core.database.columns import UtcDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Customer(SQLModel, table=True):
    """A tenant: a company that has its shop set up. Once it was deleted, its row keeps its audit chain in place."""

    __tablename__ = "customers"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OfCustomer(SQLModel):
    """What every row that belongs to a customer begins with."""

    customer_id: UUID = Field(primary_key=True, foreign_key="customers.id")
