"""One process at a time works on a data folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.alone import AnotherIsWorking, alone_in, place_of_work
from app.settings import Settings
from core.browser.launching import Quarters
from tests.pages.served import ROOT

HOLDER = """
import sys
from pathlib import Path
from app.alone import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AnotherIsWorking, match=str(holder.pid)), alone_in(tmp_path):
            pytest.fail("two work on one folder")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with alone_in(tmp_path):
        assert (tmp_path / "working.lock").read_text() == str(os.getpid())


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with alone_in(tmp_path):
            pass


ON_A_SERVER = "postgresql+psycopg://autopilot@db.example/autopilot"


def test_those_that_share_a_server_have_a_place_each_and_the_next_takes_that_of_a_dead_one(tmp_path: Path) -> None:
    shared = Settings(data_dir=tmp_path, database_url=ON_A_SERVER)
    with place_of_work(shared) as first, place_of_work(shared) as second:
        assert (first.browser_folder, second.browser_folder) == (seat(tmp_path, 1), seat(tmp_path, 2))
        with place_of_work(shared) as third:
            assert third.browser_folder == seat(tmp_path, 3)
    with place_of_work(shared) as after:
        assert after.browser_folder == seat(tmp_path, 1)


def test_whoever_takes_a_place_empties_those_of_the_dead_and_of_nobody_else(tmp_path: Path) -> None:
    shared = Settings(data_dir=tmp_path, database_url=ON_A_SERVER)
    with place_of_work(shared), place_of_work(shared), place_of_work(shared):
        for number in (1, 2, 3):
            Quarters.at(seat(tmp_path, number)).prepare()
    with alone_in(seat(tmp_path, 3).parent), place_of_work(shared):
        assert [seat(tmp_path, number).exists() for number in (1, 2, 3)] == [False, False, True]


def seat(folder: Path, number: int) -> Path:
    return folder / "processes" / str(number) / "browser"


def test_a_file_is_one_process_alone(tmp_path: Path) -> None:
    alone = Settings(data_dir=tmp_path)
    with place_of_work(alone) as placed:
        assert placed.browser_folder == tmp_path / "browser"
        with pytest.raises(AnotherIsWorking), place_of_work(alone):
            pytest.fail("two work on one file")


def test_whoever_was_told_a_place_has_that_alone(tmp_path: Path) -> None:
    told = Settings(data_dir=tmp_path, work_dir=tmp_path / "here", database_url=ON_A_SERVER)
    with place_of_work(told) as placed:
        assert placed.browser_folder == tmp_path / "here" / "browser"
        with pytest.raises(AnotherIsWorking), place_of_work(told):
            pytest.fail("two work in one place")
