"""The restore drill on PostgreSQL, as docs/operations.md has it: on another server, with nothing but what was backed up."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from app.cli import main
from core.database.session import Database
from core.database.upgrade import upgrade
from tests.app.running import free_port, stage
from tests.app.test_settings import NAMES
from tests.pages.served import ROOT, environment
from tests.postgres import PostgresServer, as_product, binaries, postgres_server

PASSPHRASE = "correct horse battery staple\n"
BINARIES = binaries()
NAMES_OF_CUSTOMERS = "SELECT name FROM customers ORDER BY name"
PROTECTION = (
    "SELECT tablename::text, policyname::text, roles::text, qual, with_check FROM pg_policies UNION ALL "
    "SELECT table_name::text, grantee::text, privilege_type::text, '', '' FROM information_schema.role_table_grants ORDER BY 1, 2, 3"
)
pytestmark = pytest.mark.skipif(BINARIES is None, reason="there are no binaries of PostgreSQL")


@dataclass(frozen=True)
class Machine:
    """A machine of the product: a folder, and a database on a server of its own."""

    folder: Path
    owner_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        quiet = {name: value for name, value in environment().items() if name not in NAMES}
        return quiet | {
            "AUTOPILOT_DATA_DIR": str(self.folder / "data"),
            "AUTOPILOT_KEY_FILE": str(self.folder / "key" / "master.key"),
            "DATABASE_URL": as_product(self.owner_url),
        }

    def autopilot(self, words: str, given: str = "", ends: int = 0) -> str:
        """What a command says; it has to end like this."""
        others = dict.fromkeys(os.environ)
        done = CliRunner().invoke(main, words.split(), input=given, env=others | self.environment)
        assert done.exit_code == ends, (words, done.output, done.exception)
        return done.stdout

    def server(self, program: str, *words: str) -> None:
        """A program of PostgreSQL's own; it has to be well."""
        url = make_url(self.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
        assert BINARIES is not None
        done = subprocess.run([BINARIES / program, "-d", url, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def asked(self, question: str) -> list[tuple[object, ...]]:
        """Rows, as the owner sees them."""
        with psycopg.connect(self.owner_url.replace("+psycopg", "")) as connection:
            return connection.execute(question).fetchall()


@pytest.fixture
def servers() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """Two servers that know nothing of each other."""
    assert BINARIES is not None
    with postgres_server(BINARIES) as one, postgres_server(BINARIES) as other:
        yield one, other


def test_the_drill_as_it_is_written(servers: tuple[PostgresServer, PostgresServer], tmp_path: Path) -> None:
    with servers[0].database() as here, servers[1].database() as there:
        lost, found = Machine(tmp_path / "lost", here), Machine(tmp_path / "found", there)
        backup = tmp_path / "backup"
        backup.mkdir()
        with closing(Database(here)) as database:
            upgrade(database, login=make_url(as_product(here)))
        asyncio.run(backed_up_in_use(lost, backup))
        back_up_the_rest(lost, backup)
        restore(found, backup)
        assert found.autopilot("vault check").endswith("0 faults.\n")
        told = found.autopilot("audit verify --pictures", ends=1)  # one was deleted after the back-up
        assert [line.split(" (")[0] for line in told.splitlines() if "BROKEN" in line] == ["Coffee Shop"]
        assert found.asked(NAMES_OF_CUSTOMERS) == [("Coffee Shop",), ("Tea Shop",)]
        serve_once(found)
        assert found.asked(NAMES_OF_CUSTOMERS) == [("Tea Shop",), ("deleted",)] == lost.asked(NAMES_OF_CUSTOMERS)
        assert found.asked(PROTECTION) == lost.asked(PROTECTION)


async def backed_up_in_use(machine: Machine, backup: Path) -> None:
    """A setup, the dump, and a customer who is deleted after it."""
    async with stage(machine.folder, database_url=as_product(machine.owner_url)) as play:
        ended = await play.ended(await play.begin())
        assert ended.result is not None, ended.failure
        leaves = await play.services.people.add_customer("Coffee Shop")
        machine.server("pg_dump", "-Fc", "--no-unlogged-table-data", "-f", str(backup / "autopilot.dump"))
        await play.autopilot.deletions.delete(leaves, "system")


def back_up_the_rest(machine: Machine, backup: Path) -> None:
    """Keys, checkpoints, ledger and pictures."""
    machine.autopilot(f"vault export-key {backup / 'keys'} --passphrase-stdin", PASSPHRASE)
    for name in ("checkpoints.jsonl", "deletions.jsonl"):
        shutil.copy2(machine.folder / "key" / name, backup)
    shutil.copytree(machine.folder / "data" / "pictures", backup / "pictures")


def restore(machine: Machine, backup: Path) -> None:
    """Steps 1 and 2."""
    dump, content = backup / "autopilot.dump", backup / "content"
    assert BINARIES is not None
    listed = subprocess.run(
        [BINARIES / "pg_restore", "--list", dump], capture_output=True, text=True, check=True
    ).stdout
    content.write_text("".join(line for line in listed.splitlines(keepends=True) if " POLICY " not in line))
    machine.server("pg_restore", "--no-owner", "--no-privileges", "--use-list", str(content), str(dump))
    machine.autopilot(f"db upgrade --owner-url {machine.owner_url}")
    machine.autopilot(f"vault import-key {backup / 'keys'} --passphrase-stdin", PASSPHRASE)
    for name in ("checkpoints.jsonl", "deletions.jsonl"):
        shutil.copy2(backup / name, machine.folder / "key")
    shutil.copytree(backup / "pictures", machine.folder / "data" / "pictures")


def serve_once(machine: Machine) -> None:
    """Step 4: until it is ready."""
    port = free_port()
    served = machine.environment | {"AUTOPILOT_PORT": str(port)}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--no-work"]
    with subprocess.Popen(command, cwd=ROOT, env=served, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("Ctrl-C ends it" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
