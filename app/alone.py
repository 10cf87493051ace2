"""Gives each process a place to work: a SQLite file is one process's alone; those that share a server have a seat each."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from app.settings import Settings
from core.browser.launching import Quarters
from core.errors import Conflict

NAME = "working.lock"
SEATS = "processes"
MOST_SEATS = 64  # processes on one machine; more than its memory holds browsers
OWNER_ONLY = 0o700


class AnotherIsWorking(Conflict):
    """Another Autopilot works on this data folder."""

    code: ClassVar[str] = "another_is_working"


@contextmanager
def place_of_work(settings: Settings) -> Iterator[Settings]:
    """The settings of a process that works, or serves, while it has its place. Raises AnotherIsWorking."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
    if settings.database.startswith("sqlite"):
        with alone_in(settings.data_dir):
            yield settings
    elif settings.work_dir:
        settings.work_dir.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        with alone_in(settings.work_dir):
            yield settings
    else:
        with _seat_in(settings.data_dir / SEATS) as seat:
            taken = settings.model_copy(update={"work_dir": seat})
            _clear_what_the_dead_left(taken, settings.data_dir / SEATS)
            yield taken


@contextmanager
def _seat_in(folder: Path) -> Iterator[Path]:
    """The first folder that no living process has: what a dead one left there is found, and put in order, by the next."""
    for number in range(1, MOST_SEATS + 1):
        seat = folder / str(number)
        seat.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        with ExitStack() as held:
            try:
                held.enter_context(alone_in(seat))
            except AnotherIsWorking:
                continue
            yield seat
            return
    raise AnotherIsWorking(because=f"There are {MOST_SEATS} on this machine already.")


def _clear_what_the_dead_left(taken: Settings, folder: Path) -> None:
    """Empty the places of browsers that were killed with their process: in this seat, and in those that nobody takes again."""
    Quarters.at(taken.browser_folder).remove()
    for seat in folder.iterdir():
        with suppress(AnotherIsWorking), alone_in(seat):
            Quarters.at(taken.model_copy(update={"work_dir": seat}).browser_folder).remove()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder while the context lasts; a process that dies lets go of it. Raises AnotherIsWorking."""
    with (folder / NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AnotherIsWorking(
                because=f"It is process {lock.read().strip() or 'unknown'}. Use its dashboard, or end it first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
