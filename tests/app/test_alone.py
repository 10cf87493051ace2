"""One process at a time works on a data folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.alone import AnotherIsWorking, alone_in
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
