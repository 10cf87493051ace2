"""Row-level security on PostgreSQL: who owns the tables, who may do what to them, and which rows each sees.

    app_owner  owns every table, and runs the upgrades; the policies are forced, so that it sees no row either
    app_rw     the rows of the customer that the transaction was told, and no others
    app_ops    every customer's rows: signing in, sweeping, staff; nothing that the audit chain forbids

None of them can sign in. Who signs in for the product is a member of the last two, and of nothing else.
Put up anew at the end of every upgrade, for all tables there are: a new table can't be forgotten.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlmodel import SQLModel

from core.database.engines import OPS, OWNER, RW
from core.database.guards import AUDIT
from core.database.narrowing import tables_of_customers

CUSTOMERS = "customers"
REVISIONS = "alembic_version"
TOLD = "SELECT nullif(current_setting('app.customer_id', true), '')::uuid"
# Columns that a customer's transaction may change in tables that it may otherwise only read or add to: an entry's detail, to
# erase it (a guard looks at how), how often a master key has wrapped, and that the customer is no more.
CHANGEABLE = {AUDIT: ("detail", "salt"), "vault_master": ("wraps",), CUSTOMERS: ("name", "deleted_at")}
COLUMN_RIGHTS = """
SELECT relname::text, attname::text, grantee::regrole::text, privilege_type
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl)
WHERE relnamespace = current_schema()::regnamespace
"""
# Of the library that wakes workers. Its jobs hold ids alone, and a customer's transaction adds them.
WAKE_UPS = ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "procrastinate_periodic_defers")
SEQUENCES = """
SELECT relname::text FROM pg_class WHERE relkind = 'S' AND relname LIKE 'procrastinate\\_%%'
AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
PRIVILEGES = (*EVERYTHING, "TRUNCATE", "REFERENCES", "TRIGGER")


@dataclass(frozen=True)
class Policy:
    """A rule of who sees which rows of a table; `rows` is as PostgreSQL tells it back."""

    table: str
    name: str
    role: str
    rows: str

    @property
    def words(self) -> str:
        """The whole rule. What is seen and what may be written are the same rows."""
        condition = self.rows.replace(" AS app_customer", "")
        return f"CREATE POLICY {self.name} ON {self.table} TO {self.role} USING ({condition}) WITH CHECK ({condition})"


def policies() -> tuple[Policy, ...]:
    """Every policy there is to be: two for each table of customers."""
    return tuple(policy for table, column in _secured().items() for policy in _policies(table, column))


def _secured() -> dict[str, str]:
    """The tables with rows of customers, and the column that says whose."""
    return {CUSTOMERS: "id"} | dict.fromkeys(tables_of_customers(), "customer_id")


def _policies(table: str, column: str) -> Iterator[Policy]:
    # The sub-select is asked once a statement, not once a row.
    yield Policy(table, "own_rows", RW, f"({column} = ( SELECT app_customer() AS app_customer))")
    yield Policy(table, "all_rows", OPS, "true")


def ensure_row_security(connection: Connection) -> None:
    """Grants, policies and what enforces them; doing it twice changes nothing. For the owner of the tables."""
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION app_customer() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $${TOLD}$$"
    )
    for table in _standing_tables(connection):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM PUBLIC, {RW}, {OPS}")
        for role in (RW, OPS):
            connection.exec_driver_sql(f"GRANT {', '.join(_granted(table, role))} ON {table} TO {role}")
    for table, columns in CHANGEABLE.items():
        connection.exec_driver_sql(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {RW}, {OPS}")
    connection.exec_driver_sql(f"GRANT SELECT ON {REVISIONS} TO PUBLIC")
    _let_wake(connection)
    for table, name in _standing_policies(connection):
        connection.exec_driver_sql(f'DROP POLICY "{name}" ON {table}')
    for table in _secured():
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for policy in policies():
        connection.exec_driver_sql(policy.words)


def _let_wake(connection: Connection) -> None:
    """A customer's transaction wakes workers."""
    for table in _standing(connection, WAKE_UPS):
        connection.exec_driver_sql(f"GRANT {', '.join(EVERYTHING)} ON {table} TO {RW}")
    for (sequence,) in connection.exec_driver_sql(SEQUENCES).all():
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {RW}")


def let_owner_see_rows(connection: Connection) -> None:
    """Until `ensure_row_security`, in the same transaction: a revision that changes rows would find none."""
    for (table,) in connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relnamespace = current_schema()::regnamespace"
    ).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def missing_row_security(connection: Connection) -> tuple[str, ...]:
    """What is not as it should be: a table without forced security, a policy missing, changed or too many, a grant.

    On a server that never had this product, as after a restore, the roles themselves.
    """
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    if absent := sorted({OWNER, RW, OPS} - known):
        return tuple(f"role {name}" for name in absent)
    named = (*_not_forced(connection), *_policies_not_right(connection), *_grants_not_right(connection))
    return (*named, *_wakes_nobody(connection))


def _standing_tables(connection: Connection) -> list[str]:
    return _standing(connection, {*SQLModel.metadata.tables, REVISIONS})


def _standing(connection: Connection, known: Iterable[str]) -> list[str]:
    """Those of these tables that are there."""
    found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").scalars()
    return sorted(set(known) & set(found))


def _wakes_nobody(connection: Connection) -> list[str]:
    """The tables and counters that a customer's transaction needs to wake a worker, and may not use."""
    rights = " AND ".join(f"has_table_privilege('{RW}', %(table)s, '{one}')" for one in EVERYTHING)
    missing = [
        f"rights of {RW} to {table}"
        for table in WAKE_UPS
        if table not in _standing(connection, WAKE_UPS)
        or not connection.exec_driver_sql(f"SELECT {rights}", {"table": table}).scalar_one()
    ]
    usable = f"SELECT has_sequence_privilege('{RW}', %(name)s, 'USAGE')"
    names = [name for (name,) in connection.exec_driver_sql(SEQUENCES).all()]
    return missing + [
        f"rights of {RW} to {name}"
        for name in names
        if not connection.exec_driver_sql(usable, {"name": name}).scalar_one()
    ]


def _standing_policies(connection: Connection) -> list[tuple[str, str]]:
    found = connection.exec_driver_sql(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()"
    )
    return [(table, name) for table, name in found if table in _secured()]


def _granted(table: str, role: str) -> tuple[str, ...]:
    """What a role may do to a table as a whole."""
    if table == AUDIT:
        return ("SELECT", "INSERT")
    if table == REVISIONS or (role == RW and table not in tables_of_customers()):
        return ("SELECT",)
    return EVERYTHING


def _not_forced(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
        "AND relnamespace = current_schema()::regnamespace"
    ).scalars()
    return [f"row security of {table}" for table in sorted(_secured().keys() - set(found))]


def _policies_not_right(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT tablename, policyname, roles::text[], permissive, cmd, qual, with_check FROM pg_policies "
        "WHERE schemaname = current_schema()"
    )
    standing = {
        (table, name, roles[0] if len(roles) == 1 else None, rows)
        for table, name, roles, permissive, command, rows, checked in found
        if permissive == "PERMISSIVE" and command == "ALL" and rows == checked
    }
    wanted = {(one.table, one.name, one.role, one.rows) for one in policies()}
    names = {(table, name) for table, name, _, _ in standing ^ wanted}
    names |= set(_standing_policies(connection)) ^ {(one.table, one.name) for one in policies()}
    told = connection.exec_driver_sql("SELECT prosrc FROM pg_proc WHERE proname = 'app_customer'").scalars().all()
    functions = [] if told == [TOLD] else ["function app_customer"]
    return [*(f"policy {name} of {table}" for table, name in sorted(names)), *functions]


def _grants_not_right(connection: Connection) -> list[str]:
    wrong = []
    for role in (RW, OPS):
        for table in _standing_tables(connection):
            rights = ", ".join(f"has_table_privilege('{role}', '{table}', '{one}')" for one in PRIVILEGES)
            held = connection.exec_driver_sql(f"SELECT {rights}").one()
            if {one for one, has in zip(PRIVILEGES, held, strict=True) if has} != set(_granted(table, role)):
                wrong.append(f"rights of {role} to {table}")
    by_column = {tuple(row) for row in connection.exec_driver_sql(COLUMN_RIGHTS)}
    wanted = {
        (table, one, role, "UPDATE") for table, names in CHANGEABLE.items() for one in names for role in (RW, OPS)
    }
    return wrong + [f"rights of {role} to {column} of {table}" for table, column, role, _ in sorted(by_column ^ wanted)]
