"""Brings a database to the newest tables: Alembic's revisions, then the guards that every upgrade puts back."""

import shutil
from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.database.guards import ensure_guards
from core.database.session import Database
from core.errors import CoreError

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 7_221_094  # any number of our own; PostgreSQL's advisory lock keeps two upgrades apart


class UpgradeFailed(CoreError):
    """The database could not be brought up to date."""

    code: ClassVar[str] = "upgrade_failed"


def upgrade(database: Database) -> None:
    """Run what is missing, if anything is; a filled SQLite file is copied first."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if current == head:
        return
    if current is not None:
        _copy_file(database, current)
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        upgrade_connection(connection)


def upgrade_connection(connection: Connection) -> None:
    """Every revision that is missing, and the guards, in the transaction of this connection."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    ensure_guards(connection)


def configuration() -> Config:
    """Alembic's configuration, by the place of this package: it needs no file and no working directory."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _copy_file(database: Database, revision: str) -> None:
    if not database.is_sqlite or not database.url.database:
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    file = Path(database.url.database)
    shutil.copy2(file, file.with_name(f"{file.name}.before-{revision}"))
