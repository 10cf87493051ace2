"""Servers that outlive the command that started them, and end with all their children when a later one says so."""

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

MARK = "AUTOPILOT_STARTED_FOR"  # the variable by which a process is known to be of a folder
PROC = Path("/proc")
PAUSE = 0.05  # seconds between two looks
COMES_WITHIN, ENDS_WITHIN = 60, 15  # seconds
TOLD_OF_A_LOG = 5  # lines
SITE_PORTS = range(24_000, 30_000)  # below those that Linux gives to connections, ip(7)


class DidNotStart(Exception):
    """What was started did not come up."""


@dataclass(frozen=True)
class Process:
    """A process. A pid is given to another one later; with the tick at which it started, it is this one's alone."""

    pid: int
    started: int  # ticks since the machine was booted
    session: int


class Processes:
    """The servers of one folder. What each of them says is in a file of its name there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._state = self._folder / "processes.json"
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, command: Iterable[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Start a server in a session of its own, so that it stays when this command's terminal goes."""
        with self.log(name).open("wb") as log:
            child = subprocess.Popen(  # noqa: S603  our own words
                [*command],
                cwd=self._folder,
                env={**os.environ, **(environment or {}), MARK: str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(child)
        if process := process_of(child.pid):
            known = [*self._remembered(), process]
            self._state.write_text(json.dumps([asdict(one) for one in known]), "utf-8")

    def await_ready(self, name: str, is_ready: Callable[[], bool]) -> None:
        """Wait until the server that was started last is ready. Raises DidNotStart if it ends before, or takes too long."""
        until = time.monotonic() + COMES_WITHIN
        while not is_ready():
            ended = self._children[-1].poll() is not None
            if ended or time.monotonic() > until:
                lines = self.log(name).read_text("utf-8", "replace").splitlines()[-TOLD_OF_A_LOG:]
                raise DidNotStart(
                    f"{name} {'ended at once' if ended else 'does not answer'} ({self.log(name)}):\n" + "\n".join(lines)
                )
            time.sleep(PAUSE)

    def log(self, name: str) -> Path:
        """Where a server's words are kept."""
        return self._folder / f"{name}.log"

    def are_running(self) -> bool:
        """Whether every server that was started still runs."""
        known = self._remembered()
        return bool(known) and all(_is_alive(one) for one in known)

    def alive(self) -> list[Process]:
        """All processes of this folder, children and children of ended ones included; never one that only got the same pid.

        The session finds those that wrote over their environment; the mark those whose first process is gone, and
        those of a start that was cut off before it was written down.
        """
        mark = f"{MARK}={self._folder}".encode()
        sessions = {one.session for one in self._remembered() if _is_alive(one)}
        return [one for one in _all_processes() if one.session in sessions or mark in _environment(one.pid)]

    def end(self) -> None:
        """End all of them, first politely; afterwards there is none."""
        for sent in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + ENDS_WITHIN
            told: set[Process] = set()
            while (alive := self.alive()) and time.monotonic() < until:
                for process in set(alive) - told:
                    _send(process, sent)
                told |= set(alive)
                self._reap()
                time.sleep(PAUSE)
        self._reap()
        self._state.unlink(missing_ok=True)

    def _reap(self) -> None:
        """Let the kernel forget those of our own children that have ended."""
        self._children = [one for one in self._children if one.poll() is None]

    def _remembered(self) -> list[Process]:
        try:
            return [Process(**one) for one in json.loads(self._state.read_text("utf-8"))]
        except (OSError, ValueError, TypeError):
            return []  # never written, or only in part: the mark finds them


def process_of(pid: int) -> Process | None:
    """The process of that pid, as proc(5) tells of it; None if it is gone, or only waits to be forgotten."""
    try:
        # The name, in brackets, may have spaces and brackets in it itself.
        words = (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    # Its first thread may have ended before the others, which hold its ports until they have, too.
    is_gone = words[0] == "X" or (words[0] == "Z" and int(words[17]) <= 1)
    return None if is_gone else Process(pid, started=int(words[19]), session=int(words[3]))


def free_port(wished: int | None = None) -> int:
    """A port of the loopback address that nobody listens on: the one that is wished for, or another.

    Not one of those that the kernel gives to connections: a site that is started again wishes for the port it had, and
    any connection might have it by then.
    """
    others = random.sample(SITE_PORTS, k=len(SITE_PORTS))
    for port in (wished, *others) if wished else others:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise DidNotStart("There is no free port.")


def answers(address: str) -> bool:
    """Whether an http address answers well, asked without any proxy that the machine may have been told of."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=COMES_WITHIN)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def listens(path: Path) -> bool:
    """Whether somebody listens on a socket of the file system."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _all_processes() -> Iterator[Process]:
    for folder in PROC.glob("[0-9]*"):
        if process := process_of(int(folder.name)):
            yield process


def _is_alive(process: Process) -> bool:
    return process_of(process.pid) == process


def _environment(pid: int) -> list[bytes]:
    """The variables a process was started with; none if it is somebody else's, who may not be asked."""
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _send(process: Process, sent: signal.Signals) -> None:
    if _is_alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, sent)
