"""What tests share: a clock that is moved, and a database, on SQLite and on a real PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.database.session import Database
from core.database.upgrade import upgrade
from tests.fakes.clock import MovedClock
from tests.postgres import PostgresServer, binaries, postgres_server


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this session, with a migrated database to copy. Without PostgreSQL: skipped, but in CI a failure."""
    if url := os.environ.get("TEST_PG_URL"):
        yield PostgresServer(url)
        return
    folder = binaries()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to test on PostgreSQL, and there is none")
        pytest.skip("there is no PostgreSQL here")
    with postgres_server(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An upgraded, empty database of each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'autopilot.db'}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        database = Database(url)
        stack.callback(database.close)
        upgrade(database)
        yield database


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An upgraded, empty SQLite file."""
    database = Database(f"sqlite:///{tmp_path / 'autopilot.db'}")
    upgrade(database)
    yield database
    database.close()
