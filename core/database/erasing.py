"""Leaves nothing readable of rows that were deleted: not in SQLite's log, nor in the copies that upgrades keep.

In the file itself freed places are overwritten with zeros as they are freed (`secure_delete` in engines.py). The log beside
it still holds the pages as they were, and a copy from before an upgrade holds everything.
"""

import glob
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from core.database.product_search import FORGET_WORDS
from core.database.session import Database
from core.errors import CoreError

COPIES = ".before-"  # what follows the file's name in those of its copies; see upgrade.py
WAIT = 5000  # milliseconds for whoever still reads; meanwhile nobody can write


class NotErased(CoreError):
    """What was deleted can still be read in the files of the database."""

    code: ClassVar[str] = "not_erased"


def erase_what_was_deleted(database: Database, at: datetime | None = None) -> None:
    """Empty the log into the file, and delete the copies from before this moment, or all. On PostgreSQL this is VACUUM's.

    Raises NotErased: somebody reads for long, or a file can't be written.
    """
    if not database.is_sqlite or not database.url.database or database.url.database == ":memory:":
        return
    file = Path(database.url.database)
    try:
        for copy in copies_of(file):
            if at is None or copy.stat().st_mtime <= at.timestamp():
                copy.unlink()
        is_busy = _empty_log(file)
    except (OSError, sqlite3.Error) as error:
        raise NotErased(because=str(error)) from error
    if is_busy:
        raise NotErased(because="Somebody reads the database, so its log could not be emptied.")


def _empty_log(file: Path) -> bool:
    """Whether somebody was in the way."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout={WAIT}")
        connection.execute(FORGET_WORDS)
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(is_busy)


def copies_of(file: Path) -> tuple[Path, ...]:
    """The copies of this database that upgrades have kept beside it."""
    return tuple(sorted(file.parent.glob(f"{glob.escape(file.name)}{COPIES}*")))
