"""A database that takes no audit entry: the failure that nothing may get past."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from core.database.session import Database
from tests.postgres import as_owner

CHAIN = "autonomous_operations_audit"
SQLITE = (
    f"CREATE TRIGGER no_audit BEFORE INSERT ON {CHAIN} BEGIN SELECT no_audit_today(); END",  # a function that is not there: what a trigger raises counts as a constraint
    "DROP TRIGGER no_audit",
)
POSTGRESQL = (
    "CREATE FUNCTION no_audit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no audit today'; END$$",
    f"CREATE TRIGGER no_audit BEFORE INSERT ON {CHAIN} FOR EACH ROW EXECUTE FUNCTION no_audit()",
    f"DROP TRIGGER no_audit ON {CHAIN}",
    "DROP FUNCTION no_audit()",
)


@contextmanager
def audit_refused(database: Database) -> Iterator[None]:
    """While this lasts, the database refuses every new audit entry."""
    up, down = (SQLITE[:1], SQLITE[1:]) if database.is_sqlite else (POSTGRESQL[:2], POSTGRESQL[2:])
    _run(database, up)
    try:
        yield
    finally:
        _run(database, down)


def _run(database: Database, statements: tuple[str, ...]) -> None:
    with as_owner(database).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
