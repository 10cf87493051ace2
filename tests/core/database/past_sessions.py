"""A connection that acts for one customer, used past the sessions and their hooks: what a forgotten filter or an injected statement would do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.database.engines import WHOSE, Whose
from core.database.session import Database


@contextmanager
def driver_of(database: Database, whose: Whose | None) -> Iterator[Any]:
    """The driver's own connection in a transaction for that customer, which ends as it began."""
    with database.engine.connect().execution_options(**{WHOSE: whose}) as connection:
        connection.execute(text("SELECT 1"))  # begins
        yield connection.connection.driver_connection
        connection.rollback()


def spelt(database: Database, one: UUID) -> str:
    """An id as this database keeps it, in quotes."""
    return f"'{one.hex if database.is_sqlite else one}'"
