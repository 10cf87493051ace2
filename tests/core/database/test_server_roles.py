"""The product starts only as a role that the policies hold, and the owner makes that role."""

import re
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from core.database.server_roles import WrongRole
from core.database.session import Database
from core.database.upgrade import UpgradeFailed, check_current, upgrade
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_owner, as_product, owned


@pytest.fixture
def url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The owner's address of a database that is up to date."""
    with postgres.database(like=postgres_template) as made:
        yield made


@pytest.fixture
def login(postgres: PostgresServer) -> Iterator[str]:
    """A role's name that no database knows yet."""
    name = f"login_{uuid4().hex[:8]}"
    yield name
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"DROP ROLE IF EXISTS {name}")


def signing_in(url: str, name: str) -> Database:
    return Database(make_url(url).set(username=name, password=None).render_as_string(hide_password=False))


def make(url: str, *statements: str) -> None:
    with closing(Database(url)) as owner, as_owner(owner).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def refusal(url: str, name: str) -> str:
    with closing(signing_in(url, name)) as database, pytest.raises(WrongRole) as refused:
        check_current(database)
    return refused.value.sentence


def test_the_role_that_the_owner_made_may_start(url: str) -> None:
    with closing(Database(as_product(url))) as database:
        check_current(database)


def test_a_superuser_may_not(url: str) -> None:
    assert "goes past row-level security" in refusal(url, "owner")


def test_one_who_goes_past_the_policies_may_not(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN BYPASSRLS", f"GRANT app_rw, app_ops TO {login}")
    assert "goes past row-level security" in refusal(url, login)


def test_a_member_of_the_owner_may_not(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN", f"GRANT app_rw, app_ops, app_owner TO {login}")
    assert "owns the tables" in refusal(url, login)


def test_who_owns_a_table_may_not(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN", f"ALTER TABLE products OWNER TO {login}")
    assert "owns the tables" in refusal(url, login)
    make(url, "ALTER TABLE products OWNER TO app_owner")


TOO_MUCH = {
    "owns the database": ("ALTER DATABASE {database} OWNER TO {login}", "ALTER DATABASE … OWNER TO app_owner"),
    "owns the schema": ("ALTER SCHEMA public OWNER TO {login}", "ALTER SCHEMA … OWNER TO app_owner"),
    "owns what decides whose a row is": ("ALTER FUNCTION app_customer() OWNER TO {login}", "owns the tables"),
    "may become a superuser": ("GRANT owner TO {login}", "may act as owner"),
    "may make roles": ("ALTER ROLE {login} CREATEROLE", "NOCREATEROLE"),
    "may copy the whole server": ("ALTER ROLE {login} REPLICATION", "goes past row-level security"),
    "may run programs there": ("GRANT pg_execute_server_program TO {login}", "may act as pg_execute_server_program"),
}


@pytest.mark.parametrize(("right", "told"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_one_who_could_take_it_down_may_not(url: str, login: str, right: str, told: str) -> None:
    address = make_url(url)
    make(url, f"CREATE ROLE {login} LOGIN NOINHERIT", f"GRANT app_rw, app_ops TO {login}")
    make(url, right.format(login=login, database=address.database))
    try:
        assert told in refusal(url, login)
        if "app_customer" not in right:  # which an upgrade hands over
            with closing(Database(url)) as owner, pytest.raises(WrongRole):
                upgrade(owner, login=address.set(username=login))
    finally:
        make(url, f"REASSIGN OWNED BY {login} TO owner")


def test_one_who_inherits_may_not_until_an_upgrade(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN", f"GRANT app_rw, app_ops TO {login}")
    assert "has the rights of app_ops and app_rw before" in refusal(url, login)
    with closing(Database(url)) as owner:
        upgrade(owner, login=make_url(url).set(username=login))
    with closing(signing_in(url, login)) as database:
        check_current(database)


def test_one_who_may_not_act_for_the_product_may_not(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN", f"GRANT app_rw TO {login}")
    assert "may not act as app_ops" in refusal(url, login)
    assert "autopilot db upgrade" in refusal(url, login)


def test_nobody_may_if_a_role_of_ours_goes_past_the_policies(url: str) -> None:
    with closing(Database(as_product(url))) as database:
        make(url, "ALTER ROLE app_rw BYPASSRLS")
        try:
            with pytest.raises(WrongRole, match="may act as app_rw, who would go past"):
                check_current(database)
        finally:
            make(url, "ALTER ROLE app_rw NOBYPASSRLS")


def test_a_database_without_tables_is_not_begun(postgres: PostgresServer) -> None:
    with (
        postgres.database() as url,
        closing(Database(url)) as database,
        pytest.raises(UpgradeFailed, match="It is empty"),
    ):
        check_current(database)


@pytest.mark.parametrize(
    ("taken_down", "told"),
    [
        ("ALTER TABLE products NO FORCE ROW LEVEL SECURITY", "row security of products"),
        ("DROP TRIGGER audit_keeps_entries ON autonomous_operations_audit", "audit_keeps_entries"),
        ("UPDATE alembic_version SET version_num = '0001'", "not of this version"),
    ],
)
def test_a_database_that_lacks_something_is_not_begun(url: str, taken_down: str, told: str) -> None:
    make(url, taken_down)
    with closing(Database(as_product(url))) as database, pytest.raises(UpgradeFailed, match=told):
        check_current(database)


def test_the_owner_makes_the_role_with_a_password_that_is_never_sent(url: str, login: str) -> None:
    """What the server is sent, and may log, is what it keeps: a verifier (RFC 5803), made here."""
    made = make_url(url).set(username=login, password="not in any log")
    with closing(Database(url)) as owner:
        upgrade(owner, login=made)
        with as_owner(owner).connect() as connection:
            kept, inherits = connection.exec_driver_sql(
                "SELECT rolpassword, rolinherit FROM pg_authid WHERE rolname = %s", (login,)
            ).one()
    assert re.match(r"SCRAM-SHA-256\$4096:", kept)
    assert not inherits
    with closing(signing_in(url, login)) as database:
        check_current(database)


def test_a_role_that_exists_keeps_its_password(url: str, login: str) -> None:
    make(url, f"CREATE ROLE {login} LOGIN PASSWORD 'as it was'")
    kept = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{login}'"
    with closing(Database(url)) as owner:
        with as_owner(owner).connect() as connection:
            before = connection.exec_driver_sql(kept).scalar_one()
        for _ in range(2):
            upgrade(owner, login=make_url(url).set(username=login, password="another"))
        with as_owner(owner).connect() as connection:
            assert connection.exec_driver_sql(kept).scalar_one() == before


def test_a_name_that_needs_quotes_is_quoted(url: str) -> None:
    name = 'a "quoted"; name'
    with closing(Database(url)) as owner:
        upgrade(owner, login=make_url(url).set(username=name, password="x"))
    with closing(signing_in(url, name)) as database:
        check_current(database)
    make(url, 'DROP OWNED BY "a ""quoted""; name"', 'DROP ROLE "a ""quoted""; name"')


def test_tables_from_before_there_were_roles_are_handed_over(postgres: PostgresServer, login: str) -> None:
    """A database that one role owned and signed in to, as it was until now, becomes one of separate roles."""
    with postgres.database() as url:
        upgrade_for_tests(url)
        make(url, f"CREATE ROLE {login} LOGIN", f"ALTER TABLE products OWNER TO {login}")
        make(url, f"ALTER FUNCTION audit_keeps_entries() OWNER TO {login}")
        with closing(Database(as_product(url))) as database, closing(owned(database)) as owner:
            upgrade(owner, login=database.url)
            check_current(database)
            with as_owner(database).connect() as connection:
                owners = connection.exec_driver_sql(
                    "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'"
                )
                assert owners.scalars().all() == ["app_owner"]
