"""Begins a process of the product: by its command, or, up at once, forked from one that has imported everything.

What is forked is a process like any other, and dies for real. What it does not show is that a command begins: the table of
faults, the soak, and `tests/test_compose.py` do.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol
from unittest import mock

from tests.pages.served import TOLD_APART

ROOT = Path(__file__).parents[2]
PRELOADED = ["tests.faults.child", "app.commands.worker", "app.commands.serve", "app.distributed", "pytest"]


class Begun(Protocol):
    """As much of `subprocess.Popen` as is asked for here."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def poll(self) -> int | None:
        """Its exit code, once it has ended; what ended it, as a negative number."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has. Raises TimeoutExpired."""
        ...

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it has not ended."""
        ...

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        ...


@dataclass(frozen=True)
class Told:
    """What begins: `main` of a module, with these words. It writes to `log`; with a `line`, only its errors, and it talks there."""

    module: str
    words: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    line: socket.socket | None = None


Begin = Callable[[Told], Begun]


def commanded(told: Told) -> Begun:
    """As people begin it."""
    command = [sys.executable, "-c", f"from {told.module} import main; main()", *told.words]
    line = told.line.fileno() if told.line else None
    with told.log.open("wb") as said:
        return subprocess.Popen(
            command, cwd=ROOT, env=told.environment, stdin=line, stdout=line or said.fileno(), stderr=said
        )


def forked(told: Told) -> Begun:
    """As if it had been imported already."""
    told.log.touch()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    outside = {name: value for name, value in os.environ.items() if name not in TOLD_APART}
    with mock.patch.dict(os.environ, outside, clear=True):
        forkserver.ensure_running()
    made = context.Process(target=_become, args=(told,))
    made.start()
    return Forked(made)


@dataclass(frozen=True)
class Forked:
    """One of those, to be held like any other process."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.process.pid is not None
        return self.process.pid

    def poll(self) -> int | None:
        """Its exit code, once it has ended; what ended it, as a negative number."""
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has. Raises TimeoutExpired."""
        self.process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout or 0)
        return code

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.send_signal(signal.SIGKILL)


def _become(told: Told) -> None:
    """In the new process: what the command would have begun."""
    with told.log.open("wb") as said:
        os.dup2(said.fileno(), 2)
        os.dup2(told.line.fileno() if told.line else said.fileno(), 1)
    if told.line:
        os.dup2(told.line.fileno(), 0)
        told.line.close()
        sys.stdin = os.fdopen(0)
    multiprocessing.current_process().name = "MainProcess"  # NiceGUI serves in no other
    os.environ.clear()
    os.environ.update(told.environment)
    sys.argv = [told.module, *told.words]
    import_module(told.module).main()
