"""The dashboard in a process of its own, as it is run, beside the demo's practice shop."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.database.engines import EVERY_CUSTOMER

ROOT = Path(__file__).parents[2]
AS_PEOPLE_DO = ("-c", "from app.cli import main; main()")
AUTOPILOT = ("-m", "tests.pages.program")
BRACKETED = ("-m", "tests.pages.bracketed")
TOLD_APART = ("PYTEST_CURRENT_TEST", "NICEGUI_USER_SIMULATION", "NICEGUI_SCREEN_TEST_PORT")


def environment() -> dict[str, str]:
    """Ours, without what would make NiceGUI believe that it runs inside of pytest."""
    return {name: value for name, value in os.environ.items() if name not in TOLD_APART} | {"PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Demo:
    """A running demo: where to look, and how to sign in."""

    dashboard: str
    operation: str
    password: str
    shop: str
    database: Path
    process: "subprocess.Popen[str]"


@contextmanager
def demo(folder: Path, autopilot: tuple[str, ...] = AUTOPILOT) -> Iterator[Demo]:
    """`autopilot demo`, until the context is left: it ends well, and leaves no process. `autopilot` is what Python runs as the command."""
    settings = environment() | {"AUTOPILOT_DATA_DIR": str(folder), "COLUMNS": "200"}
    command = [sys.executable, *autopilot, "demo"]
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True)
    try:
        yield _told(process, folder / "demo" / "data" / "autopilot.db")
    finally:
        group = processes_below(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert group
        assert [pid for pid in group if is_alive(pid)] == []


def _told(process: "subprocess.Popen[str]", database: Path) -> Demo:
    """What the demo prints, once it says that it is ready."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C ends it" in line:
            break
    found = [
        re.search(pattern, printed)
        for pattern in (r"(http://\S+)/operations/(\S+)", r"  with  (\S+)", r"Practice shop  (\S+)/wp-admin/")
    ]
    assert all(found), printed
    dashboard, password, shop = (match for match in found if match)
    return Demo(dashboard[1], dashboard[2], password[1], shop[1], database, process)


def opened(file: Path) -> sqlite3.Connection:
    """The database of a running product, for every customer: without saying so, its triggers let nobody write."""
    database = sqlite3.connect(file, timeout=30)
    database.create_function("app_customer", 0, lambda: EVERY_CUSTOMER)
    return database


def processes_below(pid: int) -> list[int]:
    """Every process that this one has started, and those that they have."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    found = [pid]
    for child, parent in sorted(parents.items()):
        if parent in found:
            found.append(child)
    return found[1:]


def is_alive(pid: int) -> bool:
    """Whether a process is there and more than a leftover entry."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
