"""Brings a database to the newest tables: Alembic's revisions, then the guards that every upgrade puts back."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL

from core.database.engines import plain_engine
from core.database.guards import ensure_guards, missing_guards, take_guards_down
from core.database.product_search import ensure_search, missing_search, take_search_down
from core.database.row_security import ensure_row_security, let_owner_see_rows, missing_row_security
from core.database.server_roles import HOW, become_owner, check_login, check_rights, let_sign_in
from core.database.session import Database
from core.errors import CoreError

MIGRATIONS = Path(__file__).parent / "migrations"
MOST_NAMED = 5  # of what is missing
UPGRADE_LOCK = 7_221_094  # any number of our own; PostgreSQL's advisory lock keeps two upgrades apart


class UpgradeFailed(CoreError):
    """The database could not be brought up to date."""

    code: ClassVar[str] = "upgrade_failed"


def is_current(database: Database) -> bool:
    """Whether there is nothing to upgrade: the newest revision, and every guard in place."""
    with _plainly(database) as engine, engine.connect() as connection:
        return revision_of(connection) == newest_revision() and not missing_protection(connection)


def missing_protection(connection: Connection) -> tuple[str, ...]:
    """What should be there beside the tables and is not: guards, on SQLite the index of words, on PostgreSQL row-level security."""
    if connection.dialect.name == "sqlite":
        return (*missing_guards(connection), *missing_search(connection))
    return (*missing_guards(connection), *missing_row_security(connection))


def make_current(database: Database) -> None:
    """Upgrade a SQLite file, as every start does; PostgreSQL is upgraded by its owner, and only looked at here."""
    if database.is_sqlite:
        upgrade(database)
    else:
        check_current(database)


def check_current(database: Database) -> None:
    """Return if the product may work on this PostgreSQL database as who it signs in. Raises UpgradeFailed or WrongRole."""
    with _plainly(database) as engine, engine.connect() as connection:
        if revision_of(connection) is None:
            raise UpgradeFailed(because=f"It is empty. {HOW}")
        check_login(connection)
        if revision_of(connection) != newest_revision():
            raise UpgradeFailed(because=f"It is not of this version. {HOW}")
        if missing := missing_protection(connection):
            raise UpgradeFailed(because=f"It lacks {', '.join(missing[:MOST_NAMED])}. {HOW}")


def upgrade(database: Database, migrations: Path = MIGRATIONS, *, login: URL | None = None) -> None:
    """Run what is missing, if anything is, all or nothing; a filled SQLite file is copied first.

    PostgreSQL is upgraded as who may make roles; `login` is who will sign in for the product.
    """
    with _plainly(database) as engine:
        with engine.connect() as connection:
            if not _is_missing_something(connection, migrations) and login is None:
                return
        with _transaction(engine) as connection:
            if not _is_missing_something(connection, migrations) and login is None:
                return  # somebody else has done it meanwhile
            found = revision_of(connection)
            if found is not None and database.is_sqlite:
                _copy_file(database, found)  # under the lock: what is copied is of that revision
            if login is not None:
                let_sign_in(connection, login)
            upgrade_connection(connection, migrations)
            if login is not None:
                check_rights(connection, str(login.username))  # once what it owned is handed over


def _is_missing_something(connection: Connection, migrations: Path) -> bool:
    """Whether there is anything to upgrade. Raises UpgradeFailed if it is further than this version."""
    found, scripts = revision_of(connection), _scripts(migrations)
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise UpgradeFailed(because=f"It was last used by a newer version of Autopilot (revision {found}).")
    return found != scripts.get_current_head() or bool(missing_protection(connection))


def upgrade_connection(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Every revision that is missing, and the guards, in the transaction of this connection."""
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql:
        become_owner(connection)
        let_owner_see_rows(connection)
    take_guards_down(connection)
    take_search_down(connection)
    config = configuration(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    ensure_search(connection)
    ensure_guards(connection)
    if on_postgresql:
        ensure_row_security(connection)


def configuration(migrations: Path = MIGRATIONS) -> Config:
    """Alembic's configuration, by the place of this package: it needs no file and no working directory."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


@contextmanager
def _plainly(database: Database) -> Iterator[Engine]:
    engine = plain_engine(database.url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction that no other upgrade runs beside.

    SQLite rebuilds a table by dropping the old one, which foreign keys would refuse or, worse, follow. They can be
    switched off only outside a transaction; so they are, and every reference is checked before the commit instead.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
                yield connection
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  for the type checker
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise UpgradeFailed(because=f"{len(dangling)} rows would refer to nothing.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _copy_file(database: Database, revision: str) -> None:
    """Keep the file as it is now, beside it; SQLite's own way of copying takes the write-ahead log along.

    The copy of an earlier try is replaced once this one is whole. Raises UpgradeFailed if there is no room for it.
    """
    if not database.url.database or database.url.database == ":memory:":
        return
    file = Path(database.url.database)
    kept = file.with_name(f"{file.name}.before-{revision}")
    begun = file.with_name(f".{kept.name}.{uuid4().hex}")
    try:
        with closing(sqlite3.connect(file)) as now, closing(sqlite3.connect(begun)) as copy:
            shutil.copymode(file, begun)
            now.backup(copy)
        begun.replace(kept)
    except (OSError, sqlite3.OperationalError) as error:
        raise UpgradeFailed(because=f"The copy to keep, {kept.name}, could not be written: {error}.") from error
    finally:
        for left in file.parent.glob(f"{begun.name}*"):
            left.unlink()


def revision_of(connection: Connection) -> str | None:
    """The revision that the tables are of; None if there are none yet."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str | None:
    """The revision that this version of the product works with; the files that say so don't change while it runs."""
    return _scripts().get_current_head()


def _scripts(migrations: Path = MIGRATIONS) -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration(migrations))
