"""Kinds of columns that mean the same on SQLite and PostgreSQL, and keys that can't leave their customer."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, ForeignKeyConstraint, Index, TypeDecorator, text
from sqlalchemy.dialects.postgresql import JSONB


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware on both databases (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")  # None is no value, not JSON's null


def storable(text: str) -> str:
    """A text that both databases take, and that has one UTF-8 form: what people and pages say may hold NUL, and halves of characters."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The database knows the words a state may have."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def from_one(column: str) -> CheckConstraint:
    """The database counts from 1; on SQLite a guard does."""
    return CheckConstraint(f"{column} > 0", name=f"{column}_from_one")


def of_customer(table: str, *columns: str) -> ForeignKeyConstraint:
    """A foreign key that can't leave its customer: (customer_id, column) → (customer_id, id)."""
    return ForeignKeyConstraint(["customer_id", *columns], [f"{table}.customer_id", f"{table}.id"])


def unique_while(condition: str, name: str, *columns: str) -> Index:
    """No two rows of a customer are alike in these columns while this holds for both."""
    return Index(
        name, "customer_id", *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition)
    )
