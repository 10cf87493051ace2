"""PostgreSQL's roles: made by whoever may, and looked at before the product starts as one of them."""

from typing import Any, ClassVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from core.database.engines import OPS, OWNER, RW
from core.errors import CoreError

# NOINHERIT: who signs in has no rights before the transaction says as whom it acts.
MADE = {OWNER: "NOLOGIN", RW: "NOLOGIN", OPS: "NOLOGIN"}
ONCE = (
    "DO $$BEGIN CREATE ROLE {name} {attributes}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$"
)
STATE = """
SELECT rolsuper, rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = current_schema()::regnamespace),
       ARRAY(SELECT member.rolname::text FROM pg_roles AS member
             WHERE member.rolname IN ('app_owner', 'app_rw', 'app_ops') AND pg_has_role(pg_roles.oid, member.oid, 'MEMBER')),
       ARRAY(SELECT rolname::text FROM pg_roles AS ours
             WHERE ours.rolname IN ('app_rw', 'app_ops') AND (ours.rolsuper OR ours.rolbypassrls))
FROM pg_roles WHERE rolname = session_user
"""
HOW = "Sign in as a role made by: autopilot db upgrade --owner-url postgresql+psycopg://…"


class WrongRole(CoreError):
    """Autopilot does not start as this role of the database."""

    code: ClassVar[str] = "wrong_role"


def check_login(connection: Connection) -> None:
    """Return if who signs in is held by the policies. Raises WrongRole for a superuser, an owner, and one who may not act."""
    row = connection.exec_driver_sql(STATE).one()
    superuser, bypasses, owns, member_of, unheld = row
    if superuser or bypasses:
        raise WrongRole(because=f"It goes past row-level security. {HOW}")
    if owns or OWNER in member_of:
        raise WrongRole(because=f"It owns the tables, and could take their row-level security down. {HOW}")
    if unheld:
        raise WrongRole(because=f"{' and '.join(unheld)} would go past row-level security: ALTER ROLE … NOBYPASSRLS.")
    if missing := sorted({RW, OPS} - set(member_of)):
        raise WrongRole(because=f"It may not act as {' and '.join(missing)}. {HOW}")


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
    """Let the role of this address act for the product; it is made, with the password of the address, if there is none."""
    if login.username is None:
        raise WrongRole(because="DATABASE_URL has to name a user.")
    _make_roles(connection)
    known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (login.username,)).scalar()
    name = connection.exec_driver_sql("SELECT quote_ident(%s)", (login.username,)).scalar_one()
    if not known:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN NOINHERIT{_password(connection, login)}")
    connection.exec_driver_sql(f"GRANT {RW}, {OPS} TO {name}")


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
