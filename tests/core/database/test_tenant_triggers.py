"""SQLite itself refuses to write another customer's row, whichever way a statement reaches it."""

import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest
from sqlmodel import SQLModel

from core.database.engines import EVERY_CUSTOMER
from core.database.guards import missing_guards, tenant_guards
from core.database.narrowing import tables_of_customers
from core.database.session import Database
from tests.core.database.past_sessions import driver_of, spelt
from tests.core.database.rows import Company
from tests.postgres import as_owner

REFUSED = "this row belongs to another customer"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def test_every_table_of_customers_has_its_three_triggers(database: Database) -> None:
    """Asked of the file: a table with a customer in it that somebody adds is in here, or this is red."""
    with as_owner(database).connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        of_customers = {
            table
            for table in tables
            if any(row[1] == "customer_id" for row in connection.exec_driver_sql(f"PRAGMA table_info({table})"))
        }
        triggers = set(
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        )
    assert of_customers == set(tables_of_customers())
    of_the_index = {
        table for table in tables if table.startswith("product_words")
    }  # reached through the products alone
    assert set(tables) - {"alembic_version"} - of_the_index == set(SQLModel.metadata.tables)
    for table in of_customers | {"customers"}:
        assert {f"{table}_of_one_customer_{event}" for event in ("insert", "update", "delete")} <= triggers


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE autonomous_operations SET attempt = 9",
        "UPDATE autonomous_operations SET attempt = 9 WHERE customer_id = {theirs}",
        "UPDATE users SET customer_id = {theirs} WHERE customer_id = {ours}",
        "DELETE FROM autonomous_operations WHERE customer_id = {theirs}",
        "INSERT INTO audit_chain_heads (customer_id, seq, hash) VALUES ({theirs}, 0, '')",
        "INSERT INTO audit_chain_heads (customer_id, seq, hash) VALUES ({nobody}, 0, '')",
        "UPDATE customers SET name = 'x' WHERE id = {theirs}",
        "INSERT INTO customers (id, name, created_at) VALUES ({nobody}, 'new', '2026-11-30')",
        # Takes the address of their person, and with it the row, past a trigger that asks only on DELETE.
        "INSERT OR REPLACE INTO users (customer_id, id, email, password_hash, is_staff, created_at) "
        "SELECT {ours}, {nobody}, email, 'mine', true, created_at FROM users WHERE customer_id = {theirs}",
        "REPLACE INTO users (customer_id, id, email, password_hash, is_staff, created_at) "
        "SELECT {ours}, {nobody}, email, 'mine', true, created_at FROM users WHERE customer_id = {theirs}",
    ],
)
async def test_a_customers_transaction_writes_no_other_row(
    database: Database, ours: Company, theirs: Company, statement: str
) -> None:
    names = {"ours": ours.id, "theirs": theirs.id, "nobody": uuid4()}
    words = statement.format(**{name: spelt(database, one) for name, one in names.items()})
    with driver_of(database, ours.id) as driver, pytest.raises(sqlite3.IntegrityError, match=REFUSED):
        driver.execute(words)
    with driver_of(database, None) as driver, pytest.raises(sqlite3.IntegrityError, match=REFUSED):
        driver.execute(words)


async def test_a_customers_own_rows_are_written(database: Database, ours: Company, theirs: Company) -> None:
    own = f"UPDATE autonomous_operations SET attempt = 9 WHERE customer_id = {spelt(database, ours.id)}"
    with driver_of(database, ours.id) as driver:
        assert driver.execute(own).rowcount == 1
    with driver_of(database, EVERY_CUSTOMER) as driver:
        assert driver.execute("UPDATE autonomous_operations SET attempt = 9").rowcount == 2


async def test_a_connection_is_nobodys_again_in_its_next_transaction(database: Database, ours: Company) -> None:
    own = f"UPDATE autonomous_operations SET attempt = 9 WHERE customer_id = {spelt(database, ours.id)}"
    with driver_of(database, EVERY_CUSTOMER) as driver:
        before = driver
    with driver_of(database, None) as driver:
        assert driver is before
        with pytest.raises(sqlite3.IntegrityError, match=REFUSED):
            driver.execute(own)


async def test_another_program_writes_no_row_of_a_customer(database: Database, ours: Company) -> None:
    """It has no function that says whose it is; so a hand-made change takes the triggers down first, which is found."""
    with closing(sqlite3.connect(str(database.url.database))) as other:
        with pytest.raises(sqlite3.OperationalError, match="app_customer"):
            other.execute("UPDATE autonomous_operations SET attempt = 9")
        other.execute("DROP TRIGGER autonomous_operations_of_one_customer_update")
        other.commit()
    with as_owner(database).connect() as connection:
        assert missing_guards(connection) == ("autonomous_operations_of_one_customer_update",)


def test_the_triggers_are_asked_for_by_name(database: Database) -> None:
    assert len({guard.name for guard in tenant_guards()}) == 3 * (len(tables_of_customers()) + 1)
