"""Makes sure that one process alone works on a data folder: two would take each other's runs and browser away."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from core.errors import Conflict

NAME = "working.lock"


class AnotherIsWorking(Conflict):
    """Another Autopilot works on this data folder."""

    code: ClassVar[str] = "another_is_working"


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
