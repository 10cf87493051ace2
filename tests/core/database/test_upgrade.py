"""A database comes to the newest tables in one go, once, and without losing what was in it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import SQLModel

from core.database import tables
from core.database.product_search import is_of_the_index
from core.database.row_security import WAKE_UPS
from core.database.session import Database
from core.database.upgrade import MIGRATIONS, UpgradeFailed, configuration, is_current, missing_protection, upgrade
from core.security.people.visitor import Scope
from tests.core.database.later_version import kept_copies, later
from tests.core.database.rows import Company, company
from tests.postgres import as_owner, owned


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    with closing(Database(empty_url)) as database:
        yield database


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The migrations of a later version of ours, which rebuilds the operations."""
    return later(tmp_path, "pass")


def test_an_empty_database_becomes_current(empty: Database) -> None:
    assert not is_current(empty)
    upgrade(empty)
    assert is_current(empty)


def test_a_database_of_the_first_version_becomes_current(empty: Database) -> None:
    """With the moves that are allowed now, which the first version did not know."""
    config = configuration()
    with as_owner(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert not is_current(empty)
    upgrade(empty)
    assert is_current(empty)


def test_upgrading_what_is_current_changes_nothing(database: Database) -> None:
    upgrade(owned(database))
    assert is_current(database)
    if database.is_sqlite:
        assert kept_copies(database) == []


def test_the_revisions_give_the_tables_of_the_code(database: Database) -> None:
    """What `alembic check` looks at, with types; so a column that has no revision turns this red."""
    with as_owner(database).connect() as connection:
        ours = {
            "compare_type": True,
            "include_name": lambda name, kind, _: name not in WAKE_UPS and not is_of_the_index(name, kind),
        }
        migration = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(migration, SQLModel.metadata) == []


def test_alembic_itself_finds_nothing_to_add(database: Database) -> None:
    config = configuration()
    with as_owner(database).begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_every_table_that_belongs_to_customers_says_so_in_its_key() -> None:
    """So that every foreign key to it can carry the customer along."""
    assert tables.StepRow in tables.OfCustomer.__subclasses__()
    for table in tables.OfCustomer.__subclasses__():
        assert "customer_id" in SQLModel.metadata.tables[str(table.__tablename__)].primary_key.columns


def test_it_upgrades_from_any_folder(tmp_path: Path) -> None:
    program = (
        "from core.database.session import Database; from core.database.upgrade import is_current, upgrade; "
        "upgrade(Database('sqlite:///here.db')); print(is_current(Database('sqlite:///here.db')))"
    )
    root = MIGRATIONS.parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True"]
    assert (tmp_path / "here.db").exists()


def test_two_at_once_do_not_get_in_each_others_way(empty: Database) -> None:
    """As two processes that start together."""
    with ThreadPoolExecutor(4) as pool:
        others = [Database(empty.url.render_as_string(hide_password=False)) for _ in range(4)]
        list(pool.map(upgrade, others))
    for other in others:
        other.close()
    assert is_current(empty)


async def test_rows_references_and_guards_survive_the_rebuilding_of_a_table(
    database: Database, ours: Company, next_version: Path
) -> None:
    upgrade(owned(database), next_version)
    with as_owner(database).connect() as connection:
        found = connection.execute(text("SELECT colour, status FROM autonomous_operations")).one()
        assert tuple(found) == (None, "pending")
    with pytest.raises(DatabaseError, match="no such move"), as_owner(database).begin() as connection:
        connection.execute(text("UPDATE autonomous_operations SET status = 'completed'"))


async def test_a_revision_reaches_every_customers_rows(
    database: Database, ours: Company, theirs: Company, tmp_path: Path
) -> None:
    """Though the policies are forced upon the owner of the tables, too; and they are again afterwards."""
    upgrade(owned(database), later(tmp_path, """op.execute("UPDATE users SET password_hash = 'migrated'")"""))
    with as_owner(database).connect() as connection:
        assert connection.execute(text("SELECT password_hash FROM users")).scalars().all() == ["migrated"] * 2
        assert missing_protection(connection) == ()


async def test_foreign_keys_hold_again_after_an_upgrade(database: Database, ours: Company, next_version: Path) -> None:
    upgrade(owned(database), next_version)
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), as_owner(database).begin() as connection:
        connection.execute(text("DELETE FROM users"))


async def test_a_file_is_copied_before_it_is_upgraded(sqlite_database: Database, next_version: Path) -> None:
    """With what stood in its write-ahead log only."""
    await company(sqlite_database, "ours")
    upgrade(sqlite_database, next_version)
    [copy] = kept_copies(sqlite_database)
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT count(*) FROM autonomous_operations").fetchone() == (1,)
        assert "colour" not in str(kept.execute("SELECT sql FROM sqlite_master").fetchall())


def test_a_copy_is_as_closed_as_the_file(sqlite_database: Database, next_version: Path) -> None:
    Path(str(sqlite_database.url.database)).chmod(0o600)
    upgrade(sqlite_database, next_version)
    [copy] = kept_copies(sqlite_database)
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_an_upgrade_that_fails_changes_nothing(database: Database, ours: Company, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        upgrade(owned(database), later(tmp_path, "1 / 0"))
    assert is_current(database)
    with as_owner(database).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM operation_steps")).scalar() == 0
        assert "colour" not in connection.execute(text("SELECT * FROM autonomous_operations")).keys()  # noqa: SIM118


async def test_an_upgrade_that_would_leave_dangling_rows_is_undone(sqlite_database: Database, tmp_path: Path) -> None:
    await company(sqlite_database, "ours")
    with pytest.raises(UpgradeFailed, match="refer to nothing"):
        upgrade(sqlite_database, later(tmp_path, "op.execute('DELETE FROM users')"))
    assert is_current(sqlite_database)


def test_a_database_of_a_newer_version_is_left_alone(database: Database, next_version: Path) -> None:
    upgrade(owned(database), next_version)
    assert not is_current(database)
    with pytest.raises(UpgradeFailed, match="newer version"):
        upgrade(owned(database))


def test_a_guard_that_was_taken_down_is_put_back_at_the_next_start(database: Database) -> None:
    with as_owner(database).begin() as connection:
        where = "" if database.is_sqlite else " ON autonomous_operations_audit"
        connection.execute(text(f"DROP TRIGGER audit_keeps_entries{where}"))
    assert not is_current(database)
    upgrade(owned(database))
    assert is_current(database)


def test_people_of_the_version_before_keep_what_they_could_do(empty: Database) -> None:
    """Staff become admins, everybody else an owner; sessions go on, and tokens are good for what they were."""
    config = configuration()
    with as_owner(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        us, now = uuid4().hex, "2026-11-23 09:00:00"
        connection.execute(text(f"INSERT INTO customers VALUES ('{us}', 'Tea', '{now}')"))
        for name, is_staff in (("ana", "true"), ("bo", "false")):
            user = "(customer_id, id, email, password_hash, is_staff, created_at)"
            values = f"('{us}', '{uuid4().hex}', '{name}@tea.example', '-', {is_staff}, '{now}')"
            connection.execute(text(f"INSERT INTO users {user} VALUES {values}"))
        ana = connection.execute(text("SELECT id FROM users WHERE email = 'ana@tea.example'")).scalar_one()
        row = f"'{us}', '{uuid4().hex}', '{str(ana).replace('-', '')}'"
        more = f"'x', '{now}', '{now}', '{now}'"
        sessions = "(customer_id, id, user_id, token_sha256, created_at, last_seen_at, expires_at)"
        connection.execute(text(f"INSERT INTO user_sessions {sessions} VALUES ({row}, {more})"))
        tokens = "(customer_id, id, user_id, name, token_sha256, created_at, expires_at)"
        connection.execute(text(f"INSERT INTO api_tokens {tokens} VALUES ({row}, 'cli', 'x', '{now}', '{now}')"))
    upgrade(empty)
    with as_owner(empty).connect() as connection:
        roles = connection.execute(text("SELECT email, role FROM users ORDER BY email")).all()
        assert [tuple(one) for one in roles] == [("ana@tea.example", "admin"), ("bo@tea.example", "owner")]
        assert connection.execute(text("SELECT signed_in FROM user_sessions")).scalar() == "wholly"
        scopes = str(connection.execute(text("SELECT scopes FROM api_tokens")).scalar())
        assert set(scopes.split()) == {scope.value for scope in Scope}


@pytest.mark.parametrize(("table", "column"), [("users", "role"), ("user_sessions", "signed_in")])
async def test_the_database_knows_the_words_of_roles_and_steps(
    database: Database, ours: Company, table: str, column: str
) -> None:
    with as_owner(database).connect() as connection:
        if database.is_sqlite:
            found = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar()
        else:
            asked = f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_{table}_{column}'"
            found = connection.execute(text(asked)).scalar()
    assert f"'{'admin' if column == 'role' else 'needs_code'}'" in str(found)
    with pytest.raises(IntegrityError), as_owner(database).begin() as connection:
        connection.execute(text("UPDATE users SET role = 'emperor'"))


def test_consents_of_an_earlier_version_keep_what_they_say_and_how_they_ended(empty: Database) -> None:
    """Two that were given before there were purposes, one of them withdrawn."""
    config = configuration()
    with as_owner(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        _fill_with_old_consents(connection)
    upgrade(empty)
    with as_owner(empty).connect() as connection:
        columns = "purpose, language, ended_as, ended_because, receipt_id"
        found = connection.execute(text(f"SELECT {columns} FROM autonomous_consent ORDER BY text_sha256")).all()
    assert [tuple(row) for row in found] == [
        ("act", "en", None, None, None),
        ("act", "en", "withdrawn", "enough", None),
    ]


def _fill_with_old_consents(connection: Connection) -> None:
    ids = {name: uuid4().hex for name in ("customer", "user")}
    at = "2026-11-23 09:00:00+00:00"
    connection.execute(text(f"INSERT INTO customers VALUES ('{ids['customer']}', 'Tea Shop', '{at}')"))
    connection.execute(
        text(
            "INSERT INTO users (customer_id, id, email, password_hash, is_staff, created_at) "
            f"VALUES ('{ids['customer']}', '{ids['user']}', 'a@b.example', '-', false, '{at}')"
        )
    )
    for sha256, ended in (("0", "NULL, NULL"), ("1", f"'{at}', 'enough'")):
        connection.execute(
            text(
                "INSERT INTO autonomous_consent (customer_id, id, user_id, service, operation, store_origin, permissions, "
                "text_version, text_sha256, granted_at, expires_at, revoked_at, revoked_because) "
                f"VALUES ('{ids['customer']}', '{uuid4().hex}', '{ids['user']}', 'woocommerce', 'x', 'https://tea.example', "
                f"'[]', '1.1', '{sha256}', '{at}', '{at}', {ended})"
            )
        )
