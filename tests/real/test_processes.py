"""Servers that outlive a command: they end with all their children, and nobody else does."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scripts.real.processes import DidNotStart, Process, Processes, free_port, process_of

# A server with a child, and a child that made itself a session of its own; both outlive the first one.
FORKING = ["sh", "-c", "sleep 100 & setsid sleep 100 & wait"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.end()


@pytest.fixture
def foreign() -> Iterator[Process]:
    """A process that nobody here has started for a folder."""
    with subprocess.Popen(["sleep", "100"], start_new_session=True) as started:
        process = process_of(started.pid)
        assert process
        yield process
        started.kill()


def test_ending_leaves_no_child_wherever_it_went(processes: Processes) -> None:
    processes.start("forking", FORKING)
    processes.await_ready("forking", lambda: len(processes.alive()) == 3)
    assert processes.are_running()
    alive = processes.alive()
    processes.end()
    assert [process_of(one.pid) for one in alive] == [None] * 3
    assert not processes.are_running()


def test_a_child_that_forgot_its_environment_ends_too(processes: Processes) -> None:
    processes.start("forking", ["sh", "-c", "env -i sleep 100 & wait"])
    processes.await_ready("forking", lambda: any(not _environment(one) for one in processes.alive()))
    alive = processes.alive()
    processes.end()
    assert [process_of(one.pid) for one in alive] == [None] * 2


def test_a_later_command_ends_what_an_earlier_one_started(processes: Processes, tmp_path: Path) -> None:
    processes.start("forking", FORKING)
    processes.await_ready("forking", lambda: len(processes.alive()) == 3)
    Processes(tmp_path).end()
    assert processes.alive() == []


def test_children_of_a_dead_server_and_a_lost_memory_are_found(processes: Processes, tmp_path: Path) -> None:
    processes.start("forking", FORKING)
    processes.await_ready("forking", lambda: len(processes.alive()) == 3)
    (first,) = [one for one in processes.alive() if one.pid == one.session and _is_shell(one)]
    subprocess.run(["kill", "-9", str(first.pid)], check=True)
    (tmp_path / "processes.json").write_text("[{")
    gone_by = time.monotonic() + 10
    while process_of(first.pid):
        assert time.monotonic() < gone_by
        time.sleep(0.01)
    assert len(processes.alive()) == 2
    assert not processes.are_running()
    processes.end()
    assert processes.alive() == []


def test_who_got_the_pid_of_an_ended_server_stays(processes: Processes, tmp_path: Path, foreign: Process) -> None:
    earlier = replace(foreign, started=foreign.started - 1)
    (tmp_path / "processes.json").write_text(json.dumps([asdict(earlier)]))
    assert not processes.are_running()
    assert processes.alive() == []
    processes.end()
    assert process_of(foreign.pid) == foreign


def test_a_server_of_which_a_thread_is_left_is_not_gone(processes: Processes) -> None:
    """The kernel calls it a zombie once its first thread has ended; its ports are in use until the last has."""
    ends_first = (
        "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); "
        "ctypes.CDLL(None).pthread_exit(None)"
    )
    processes.start("server", [sys.executable, "-c", ends_first])
    (server,) = processes.alive()
    gone_by = time.monotonic() + 10
    while _state(server) != "Z":
        assert time.monotonic() < gone_by
        time.sleep(0.01)
    assert processes.alive() == [server]
    processes.end()
    assert processes.alive() == []


def test_what_ends_at_once_says_why(processes: Processes) -> None:
    processes.start("server", ["sh", "-c", "echo no such database; exit 1"])
    with pytest.raises(DidNotStart, match=r"server ended at once[\s\S]*no such database"):
        processes.await_ready("server", lambda: False)


def test_a_free_port_is_the_wished_one_if_nobody_listens_on_it() -> None:
    port = free_port()
    assert free_port(port) == port


def test_a_free_port_is_never_one_that_a_connection_may_take_meanwhile() -> None:
    lowest, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert free_port() < int(lowest)


def _state(process: Process) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def _is_shell(process: Process) -> bool:
    return Path(f"/proc/{process.pid}/comm").read_text().strip() == "sh"


def _environment(process: Process) -> bytes:
    return Path(f"/proc/{process.pid}/environ").read_bytes()
