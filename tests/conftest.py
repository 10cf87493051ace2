"""What tests share: a clock that is moved, and a database, on SQLite and on a real PostgreSQL."""

import gc
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import expect
from sqlalchemy.engine import make_url

from core.database.session import Database
from core.database.upgrade import upgrade
from core.security.people import passwords
from tests.fakes.clock import MovedClock
from tests.marked import MARK, Overheard, holding, patterns_of, places_below
from tests.object_store import ObjectServer, object_server
from tests.postgres import Lending, PostgresServer, as_product, binaries, postgres_server

E2E = Path(__file__).parent / "e2e"
expect.set_options(timeout=15_000)  # a machine on which four processes test at once is slow


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-fingerprints", action="store_true", help="keep what the e2e tests have seen")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported now stays until the end: no look for garbage goes through it, neither meanwhile nor in any test."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last come the tests that workflows are learnt from: pytest-playwright's loop runs on until the session ends.

    The very last holds what they have seen against the fingerprints that are kept.
    """
    items.sort(key=lambda item: (E2E in item.path.parents, item.path.name == "test_fingerprints.py"))


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords cost next to nothing in this process: hundreds of tests add somebody. What they cost people is tested by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """None that a test has made up is in what the whole session has written to its folders or logged."""
    patterns = patterns_of(MARK)
    heard = Overheard(patterns)
    logging.getLogger().addHandler(heard)
    yield
    logging.getLogger().removeHandler(heard)
    assert holding(places_below(tmp_path_factory.getbasetemp()), patterns) == []
    assert heard.names == set()


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


@pytest.fixture(scope="session")
def objects() -> Iterator[ObjectServer]:
    """The S3 server of this session."""
    with object_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """The name of an upgraded, empty database to copy."""
    with postgres.database() as url:
        upgrade_for_tests(url)
        yield url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty file to copy."""
    file = tmp_path_factory.mktemp("template") / "autopilot.db"
    upgrade_for_tests(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def kept_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """What one test after the other has, each with a new file: an engine compiles a statement once, which is what costs most."""
    return Database(f"sqlite:///{tmp_path_factory.mktemp('kept') / 'autopilot.db'}")


@pytest.fixture
def sqlite_database(kept_sqlite: Database, sqlite_template: Path) -> Iterator[Database]:
    """An upgraded, empty SQLite file."""
    file = Path(str(kept_sqlite.url.database))
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    shutil.copy(sqlite_template, file)
    with closing(kept_sqlite):
        yield kept_sqlite


@pytest.fixture(scope="session")
def lending(postgres: PostgresServer, postgres_template: str) -> Iterator[Lending]:
    """What lends an empty database to one test after the other."""
    with closing(Lending(postgres, postgres_template)) as lends:
        yield lends


@pytest.fixture
def postgres_database(lending: Lending) -> Iterator[Database]:
    """An upgraded, empty PostgreSQL database, as the product signs in."""
    with lending.lent() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """An upgraded, empty database of each kind."""
    made: Database = request.getfixturevalue(f"{request.param}_database")
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of each kind that has no tables yet; on PostgreSQL, as who may make roles."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


def upgrade_for_tests(url: str) -> None:
    """As `autopilot db upgrade` does, for the product to sign in."""
    login = None if url.startswith("sqlite") else make_url(as_product(url))
    with closing(Database(url)) as database:
        upgrade(database, login=login)
