"""What only several processes on one server can do, and one on a file can't."""

from typing import ClassVar

from app.settings import Settings
from core.errors import Refused


class NeedsPostgreSQL(Refused):
    """Several processes work on a PostgreSQL database; a SQLite file is one process's alone."""

    code: ClassVar[str] = "needs_postgresql"


def check_shared(settings: Settings) -> None:
    """Return if other processes may share this database. Raises NeedsPostgreSQL."""
    if settings.database.startswith("sqlite"):
        raise NeedsPostgreSQL(because="Set DATABASE_URL, or run `autopilot serve` alone.")
