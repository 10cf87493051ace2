"""PostgreSQL's roles: made by whoever may, and looked at before the product starts as one of them."""

from typing import Any, ClassVar

from sqlalchemy import Connection, Row
from sqlalchemy.engine import URL

from core.database.engines import OPS, OWNER, RW
from core.errors import CoreError

# NOINHERIT: who signs in has no rights before the transaction says as whom it acts.
MADE = {OWNER: "NOLOGIN", RW: "NOLOGIN", OPS: "NOLOGIN"}
ONCE = (
    "DO $$BEGIN CREATE ROLE {name} {attributes}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$"
)
# What a role may become by SET ROLE counts as what it is. The last roles named reach files or programs of the server.
STATE = """
WITH may AS (SELECT * FROM pg_roles WHERE pg_has_role(%(who)s, oid, 'MEMBER')), here AS (SELECT current_schema()::regnamespace AS oid)
SELECT
  ARRAY(SELECT rolname::text FROM may WHERE rolsuper OR rolbypassrls OR rolreplication OR rolname IN
    ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') ORDER BY rolname) AS goes_past,
  ARRAY(SELECT thing FROM (VALUES
    (1, 'the database', (SELECT datdba FROM pg_database WHERE datname = current_database())),
    (2, 'the schema', (SELECT nspowner FROM pg_namespace WHERE oid = (SELECT oid FROM here)))
    ) AS owned (place, thing, owner) WHERE owner IN (SELECT oid FROM may) ORDER BY place) AS owns,
  EXISTS (SELECT 1 FROM pg_class WHERE relowner IN (SELECT oid FROM may) AND relnamespace = (SELECT oid FROM here))
    OR EXISTS (SELECT 1 FROM pg_proc WHERE proowner IN (SELECT oid FROM may) AND pronamespace = (SELECT oid FROM here))
    OR EXISTS (SELECT 1 FROM may WHERE rolname = 'app_owner') AS owns_tables,
  EXISTS (SELECT 1 FROM may WHERE rolcreaterole) AS makes_roles,
  ARRAY(SELECT rolname::text FROM may WHERE rolname IN ('app_rw', 'app_ops')) AS acts_as,
  ARRAY(SELECT rolname::text FROM may WHERE rolname IN ('app_rw', 'app_ops') AND pg_has_role(%(who)s, oid, 'USAGE')
    ORDER BY rolname) AS inherits
"""
GIVE_AWAY = {
    "the database": "ALTER DATABASE … OWNER TO app_owner",
    "the schema": "ALTER SCHEMA … OWNER TO app_owner",
}
HOW = "Sign in as a role made by: autopilot db upgrade --owner-url postgresql+psycopg://…"
INHERIT_IS_OF_EACH_GRANT = (16,)  # since this version of PostgreSQL


class WrongRole(CoreError):
    """Autopilot does not start as this role of the database."""

    code: ClassVar[str] = "wrong_role"


def check_login(connection: Connection) -> None:
    """Return if who signs in is held by the policies, and may act for the product. Raises WrongRole."""
    name = connection.exec_driver_sql("SELECT session_user::text").scalar_one()
    check_rights(connection, name)
    state = _state(connection, name)
    if missing := sorted({RW, OPS} - set(state.acts_as)):
        raise WrongRole(because=f"It may not act as {' and '.join(missing)}. {HOW}")
    if state.inherits:
        raise WrongRole(
            because=f"It has the rights of {' and '.join(state.inherits)} before it acts for anybody. {HOW}"
        )


def check_rights(connection: Connection, name: str) -> None:
    """Return if this role could not take down what protects the rows. Raises WrongRole, which says what to change."""
    state = _state(connection, name)
    if name in state.goes_past:
        raise WrongRole(because=f"It goes past row-level security. {HOW}")
    if state.goes_past:
        past = " and ".join(state.goes_past)
        raise WrongRole(
            because=f"It may act as {past}, who would go past row-level security: REVOKE, or ALTER ROLE {past}."
        )
    if state.owns:
        orders = "; ".join(GIVE_AWAY[thing] for thing in state.owns)
        raise WrongRole(because=f"It owns {' and '.join(state.owns)}, and could take all of it down: {orders}.")
    if state.owns_tables:
        raise WrongRole(because=f"It owns the tables, and could take their row-level security down. {HOW}")
    if state.makes_roles:
        raise WrongRole(because=f"It may make itself their owner: ALTER ROLE {name} NOCREATEROLE.")


def _state(connection: Connection, name: str) -> Row[Any]:
    return connection.exec_driver_sql(STATE, {"who": name}).one()


def become_owner(connection: Connection) -> None:
    """Act as the owner of the tables for the rest of this transaction, making the roles if they are not there.

    What was made before there were roles is handed over to the owner.
    """
    _make_roles(connection)
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    if not connection.exec_driver_sql(f"SELECT pg_has_role('{OWNER}', 'MEMBER')").scalar():
        connection.exec_driver_sql(f"GRANT {OWNER} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {OWNER}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {RW}, {OPS}")
    for (hand_over,) in connection.exec_driver_sql(
        "SELECT format('ALTER %%s %%s OWNER TO app_owner', CASE WHEN relkind IN ('r', 'p') THEN 'TABLE' ELSE 'VIEW' END, "
        "oid::regclass) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v') "
        "AND relowner <> 'app_owner'::regrole UNION ALL "
        "SELECT format('ALTER FUNCTION %%s OWNER TO app_owner', oid::regprocedure) FROM pg_proc "
        "WHERE pronamespace = current_schema()::regnamespace AND proowner <> 'app_owner'::regrole"
    ).all():
        connection.exec_driver_sql(hand_over)
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")


def let_sign_in(connection: Connection, login: URL) -> None:
    """Let the role of this address act for the product; it is made, with the password of the address, if there is none.

    One that is there keeps its password, and gives up inheriting.
    """
    if login.username is None:
        raise WrongRole(because="DATABASE_URL has to name a user.")
    _make_roles(connection)
    known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (login.username,)).scalar()
    name = connection.exec_driver_sql("SELECT quote_ident(%s)", (login.username,)).scalar_one()
    if not known:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN NOINHERIT{_password(connection, login)}")
    else:
        connection.exec_driver_sql(f"ALTER ROLE {name} NOINHERIT")
    of_each = (connection.dialect.server_version_info or ()) >= INHERIT_IS_OF_EACH_GRANT
    connection.exec_driver_sql(f"GRANT {RW}, {OPS} TO {name}{' WITH INHERIT FALSE' if of_each else ''}")


def _make_roles(connection: Connection) -> None:
    for name, attributes in MADE.items():
        connection.exec_driver_sql(ONCE.format(name=name, attributes=attributes))


def _password(connection: Connection, login: URL) -> str:
    """The password as the server keeps it: what is sent, and may be logged there, is not the password itself."""
    if not login.password:
        return ""
    driver: Any = connection.connection.driver_connection
    sealed = driver.pgconn.encrypt_password(
        str(login.password).encode(), str(login.username).encode(), b"scram-sha-256"
    )
    return f" PASSWORD '{sealed.decode()}'"
