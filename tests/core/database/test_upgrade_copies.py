"""The copy that an upgrade leaves is of the file before it, whole, or the upgrade does not happen."""

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.database import upgrade as upgrading
from core.database.session import Database
from core.database.upgrade import UpgradeFailed, is_current, upgrade
from tests.core.database.later_version import HEAD, kept_copies, later


def test_who_comes_second_does_not_copy_what_the_first_has_upgraded(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else upgrades between the look at the revision and the lock."""
    migrations, looked = later(tmp_path, "pass"), upgrading.revision_of

    def look_and_be_overtaken(connection: Connection) -> str | None:
        found = looked(connection)
        monkeypatch.setattr(upgrading, "revision_of", looked)
        connection.rollback()
        upgrade(sqlite_database, migrations)
        return found

    monkeypatch.setattr(upgrading, "revision_of", look_and_be_overtaken)
    upgrade(sqlite_database, migrations)
    [copy] = kept_copies(sqlite_database)
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_without_room_for_the_copy_nothing_is_upgraded_and_no_half_of_it_stays(
    sqlite_database: Database, tmp_path: Path
) -> None:
    migrations, limits = later(tmp_path, "pass"), resource.getrlimit(resource.RLIMIT_FSIZE)
    before = {file.name for file in tmp_path.iterdir()}
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, limits[1]))  # bytes, of any file: a fraction of the copy
    try:
        with pytest.raises(UpgradeFailed, match=rf"before-{HEAD}, could not be written"):
            upgrade(sqlite_database, migrations)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    left = {file.name for file in tmp_path.iterdir()} - before
    assert {name for name in left if "before" in name} == set()
    assert is_current(sqlite_database)
