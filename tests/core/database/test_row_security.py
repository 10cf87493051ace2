"""PostgreSQL itself keeps customers apart: every table, every policy, and what each role may do."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from core.database.engines import EVERY_CUSTOMER, OPS, RW, WHOSE
from core.database.row_security import WAKE_UPS, ensure_row_security, missing_row_security, policies
from core.database.session import CustomerSession, Database
from tests.core.database.past_sessions import driver_of
from tests.core.database.rows import Company, company
from tests.postgres import as_owner, upgrade_by_owner

OWNED_BY_NOBODY = {"vault_master", "shared_workflow_changes", "sign_in_tries", "first_admin_codes"}


@pytest.fixture
def database(postgres_database: Database) -> Database:
    return postgres_database


def catalog(database: Database, question: str) -> list[tuple[Any, ...]]:
    with as_owner(database).connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(question)]


def test_every_table_is_secured_by_force_or_known_to_belong_to_nobody(database: Database) -> None:
    """Asked of PostgreSQL, not of our own list: a table that somebody adds is in here, or this is red."""
    secured = catalog(
        database,
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity "
        "AND relnamespace = 'public'::regnamespace",
    )
    with_customer = catalog(
        database,
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'customer_id' AND table_schema = 'public'",
    )
    every = {name for (name,) in catalog(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {name for (name,) in secured} == {name for (name,) in with_customer} | {"customers"}
    assert every - {name for (name,) in secured} == OWNED_BY_NOBODY | {"alembic_version", *WAKE_UPS}
    assert every - {"alembic_version", *WAKE_UPS} == set(SQLModel.metadata.tables)


def test_these_are_the_policies(database: Database) -> None:
    """For each table: a customer's own rows to app_rw, all to app_ops, nothing to anybody else, not to the owner either."""
    standing = catalog(
        database, "SELECT tablename, policyname, roles::text[], permissive, cmd, qual, with_check FROM pg_policies"
    )
    secured = sorted({table for table, *_ in standing})
    wanted = []
    for table in secured:
        own = f"({'id' if table == 'customers' else 'customer_id'} = ( SELECT app_customer() AS app_customer))"
        wanted.append((table, "all_rows", [OPS], "PERMISSIVE", "ALL", "true", "true"))
        wanted.append((table, "own_rows", [RW], "PERMISSIVE", "ALL", own, own))
    assert sorted(standing) == sorted(wanted)
    assert len(standing) == len(policies())


def test_nobody_but_the_roles_is_granted_anything(database: Database) -> None:
    granted = catalog(
        database,
        "SELECT grantee, table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
        "FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee <> 'app_owner' GROUP BY 1, 2",
    )
    rights = {(role, table): words for role, table, words in granted}
    assert rights.pop(("PUBLIC", "alembic_version")) == "SELECT"
    assert {role for role, _ in rights} == {RW, OPS}
    assert rights[RW, "autonomous_operations_audit"] == rights[OPS, "autonomous_operations_audit"] == "INSERT SELECT"
    assert {table for (role, table), words in rights.items() if role == RW and words == "SELECT"} == {
        "alembic_version",
        "customers",
        *OWNED_BY_NOBODY,
    }


def rows(driver: Any, statement: str) -> Any:
    return driver.execute(statement).fetchall()


READS = (
    "SELECT id FROM autonomous_operations",
    "WITH every AS (SELECT * FROM autonomous_operations) SELECT id FROM every",
    "SELECT id FROM autonomous_operations UNION SELECT id FROM autonomous_operations",
    "SELECT o.id FROM users JOIN autonomous_operations o ON true",
    "SELECT id FROM autonomous_operations WHERE id IN (SELECT id FROM autonomous_operations)",
)


@pytest.mark.parametrize("statement", READS)
async def test_no_statement_reads_anothers_rows(
    database: Database, ours: Company, theirs: Company, statement: str
) -> None:
    with driver_of(database, ours.id) as driver:
        assert rows(driver, statement) == [(ours.operation_id,)]


@pytest.mark.parametrize("table", [policy.table for policy in policies() if policy.role == RW])
async def test_a_customer_that_is_not_there_sees_no_row_of_any_table(
    database: Database, ours: Company, table: str
) -> None:
    with driver_of(database, uuid4()) as driver:
        assert rows(driver, f"SELECT * FROM {table}") == []
    with driver_of(database, None) as driver:
        assert rows(driver, f"SELECT * FROM {table}") == []


async def test_changes_without_where_reach_own_rows_only(database: Database, ours: Company, theirs: Company) -> None:
    with driver_of(database, ours.id) as driver:
        assert driver.execute("UPDATE autonomous_operations SET attempt = 9").rowcount == 1
        assert driver.execute("DELETE FROM autonomous_operations").rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE autonomous_operations SET customer_id = '{theirs}'",
        "INSERT INTO connections (customer_id, id, operation_id, service, store_origin, key_hint, key_permission, superseded,"
        " created_at, product_count) VALUES ('{theirs}', gen_random_uuid(), '{operation}', 's', 'o', '', '', '[]', now(), 0)",
        "INSERT INTO customers (id, name, created_at) VALUES (gen_random_uuid(), 'new', now())",
        "INSERT INTO shared_workflow_changes SELECT * FROM shared_workflow_changes",
        "UPDATE vault_master SET canary = ''",
        "TRUNCATE autonomous_operations_audit",
        "TRUNCATE products",
        "DELETE FROM autonomous_operations_audit",
        "UPDATE autonomous_operations_audit SET actor = 'x'",
        "ALTER TABLE products DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_rows ON products",
        "SET LOCAL ROLE app_owner",
        "CREATE TABLE mine (id int)",
    ],
)
async def test_a_customers_transaction_is_refused_what_reaches_further(
    database: Database, ours: Company, theirs: Company, statement: str
) -> None:
    words = statement.format(theirs=theirs.id, operation=theirs.operation_id)
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation)
    with driver_of(database, ours.id) as driver, pytest.raises(refusals):
        driver.execute(words)


async def test_no_row_comes_through_with_row_security_off(database: Database, ours: Company, theirs: Company) -> None:
    with driver_of(database, ours.id) as driver:
        driver.execute("SET LOCAL row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            driver.execute("SELECT * FROM autonomous_operations")


async def test_a_pooled_connection_remembers_no_customer(database: Database, ours: Company) -> None:
    """The next user of the same server process begins as nobody; so does what commits each statement by itself."""
    backend = "SELECT pg_backend_pid(), current_user::text, current_setting('app.customer_id', true)"
    with database.engine.execution_options(**{WHOSE: ours.id}).begin() as connection:  # and is committed
        [(before, role, whose)] = connection.exec_driver_sql(backend).all()
        assert (role, whose) == (RW, str(ours.id))
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        [(after, role, whose)] = rows(raw, backend)
        assert (after, role, whose or "") == (before, "autopilot", "")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("SELECT * FROM autonomous_operations")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT", **{WHOSE: ours.id}) as connection:
        assert connection.exec_driver_sql("SELECT current_user::text").scalar() == "autopilot"


async def test_the_owner_sees_no_row_while_the_policies_stand(database: Database, ours: Company) -> None:
    with as_owner(database).begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE app_owner")
        assert connection.exec_driver_sql("SELECT * FROM autonomous_operations").all() == []
        connection.exec_driver_sql("ALTER TABLE autonomous_operations NO FORCE ROW LEVEL SECURITY")
        assert len(connection.exec_driver_sql("SELECT * FROM autonomous_operations").all()) == 1


async def test_across_customers_all_rows_are_seen(database: Database, ours: Company, theirs: Company) -> None:
    with driver_of(database, EVERY_CUSTOMER) as driver:
        assert set(rows(driver, READS[0])) == {(ours.operation_id,), (theirs.operation_id,)}


def test_putting_it_up_twice_changes_nothing(database: Database) -> None:
    with as_owner(database).begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE app_owner")
        ensure_row_security(connection)
        assert missing_row_security(connection) == ()


@pytest.mark.parametrize(
    ("taken_down", "missed"),
    [
        ("ALTER TABLE products DISABLE ROW LEVEL SECURITY", "row security of products"),
        ("ALTER TABLE products NO FORCE ROW LEVEL SECURITY", "row security of products"),
        ("DROP POLICY own_rows ON users", "policy own_rows of users"),
        ("ALTER POLICY own_rows ON users USING (true)", "policy own_rows of users"),
        ("ALTER POLICY own_rows ON users WITH CHECK (true)", "policy own_rows of users"),
        ("ALTER POLICY all_rows ON users TO PUBLIC", "policy all_rows of users"),
        ("ALTER POLICY all_rows ON users TO app_rw", "policy all_rows of users"),
        ("CREATE POLICY more ON users USING (true)", "policy more of users"),
        ("GRANT UPDATE ON autonomous_operations_audit TO app_rw", "rights of app_rw to autonomous_operations_audit"),
        (
            "GRANT UPDATE (hash) ON autonomous_operations_audit TO app_ops",
            "rights of app_ops to hash of autonomous_operations_audit",
        ),
        ("REVOKE UPDATE (wraps) ON vault_master FROM app_rw", "rights of app_rw to wraps of vault_master"),
        ("GRANT TRUNCATE ON products TO app_ops", "rights of app_ops to products"),
        ("GRANT ALL ON vault_master TO PUBLIC", "rights of app_rw to vault_master"),
        (
            "CREATE OR REPLACE FUNCTION app_customer() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT null::uuid'",
            "function app_customer",
        ),
    ],
)
def test_what_is_taken_down_is_missed_and_put_back(database: Database, taken_down: str, missed: str) -> None:
    with as_owner(database).begin() as connection:
        connection.exec_driver_sql(taken_down)
        assert missed in missing_row_security(connection)
        put_back(connection)
        assert missing_row_security(connection) == ()


def put_back(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL ROLE app_owner")
    ensure_row_security(connection)


async def test_the_tenant_is_asked_once_a_statement_not_once_a_row(database: Database, ours: Company) -> None:
    """As an InitPlan; asked for each row, a scan took twice as long."""
    with driver_of(database, ours.id) as driver:
        plan = "\n".join(line for (line,) in rows(driver, "EXPLAIN SELECT * FROM products"))
    assert "InitPlan" in plan


async def test_a_customers_own_row_is_all_it_sees_of_customers(postgres_database: Database) -> None:
    one, _ = await company(postgres_database, "one"), await company(postgres_database, "two")
    with driver_of(postgres_database, one.id) as driver:
        found: list[tuple[UUID, str]] = rows(driver, "SELECT id, name FROM customers")
    assert found == [(one.id, "one")]


def test_the_right_to_wake_workers_is_given_anew_and_missed(database: Database) -> None:
    """A database that was put back on a server without the roles has lost it; nothing could be asked for there."""
    with as_owner(database).begin() as connection:
        connection.execute(text("REVOKE ALL ON procrastinate_jobs FROM app_rw"))
        connection.execute(text("REVOKE ALL ON SEQUENCE procrastinate_jobs_id_seq FROM app_rw"))
        missing = missing_row_security(connection)
    assert missing == ("rights of app_rw to procrastinate_jobs", "rights of app_rw to procrastinate_jobs_id_seq")
    upgrade_by_owner(database)
    with as_owner(database).connect() as connection:
        assert missing_row_security(connection) == ()


async def test_a_writer_that_falls_silent_loses_its_locks_and_a_reader_may_think(database: Database) -> None:
    def asked(session: CustomerSession) -> list[str]:
        names = ("idle_in_transaction_session_timeout", "lock_timeout", "tcp_keepalives_idle")
        return [session.connection().exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert await database.run(uuid4(), asked) == ["10s", "10s", "10"]
    assert await database.read(uuid4(), asked) == ["0", "0", "10"]
