"""The database and its vault for a command that changes nothing by looking."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.master_keys import master_keys
from app.settings import Settings
from core.database.session import Database
from core.database.upgrade import is_current
from core.errors import Unavailable
from core.security.vault.vault import Vault


class NoDatabase(Unavailable):
    """The database can't be used."""


@asynccontextmanager
async def opened_vault(settings: Settings) -> AsyncIterator[tuple[Database, Vault]]:
    """The database as it is and its vault, with the right keys; nothing is made and nothing upgraded.

    Raises NoDatabase, NoVault, WrongMasterKey or BadKey.
    """
    database, vault = _database(settings), Vault(master_keys(settings))
    try:
        if not is_current(database):
            raise NoDatabase(because="It is not up to date. Bring it there with: autopilot doctor")
        await database.run_across_customers(vault.masters.check_all, because="a command works with the vault")
        yield database, vault
    finally:
        database.close()


def _database(settings: Settings) -> Database:
    database = Database(settings.database)
    file = database.url.database
    if database.is_sqlite and not (file and Path(file).is_file() and Path(file).stat().st_size):  # to look makes one
        raise NoDatabase(because=f"There is none at {file}.")
    return database
