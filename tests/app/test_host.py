"""A process that holds keys leaves no core and lets nobody of the same user look into it; and whatever it starts knows no key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import SECRETS, Settings
from tests.app.running import free_port
from tests.pages.served import ROOT, environment

LOOK = """
import ctypes, os, resource, subprocess
from app.host import keep_memory_private
{before}
keep_memory_private()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
print(subprocess.check_output(["/bin/sh", "-c", "echo still starts others"], text=True).strip())
print(os.stat("/proc/self/environ").st_uid)
"""
AS_NOBODY = "os.setgid(65534); os.setuid(65534)"


def looked(before: str = "") -> list[str]:
    command = [sys.executable, "-c", LOOK.format(before=before)]
    return subprocess.check_output(command, cwd=ROOT, text=True).splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_there_is_no_core_and_no_look_into_the_process() -> None:
    assert looked()[:2] == ["(0, 0) 0", "still starts others"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root becomes somebody else")
def test_the_same_holds_for_whoever_is_not_root() -> None:
    """Whose process it is is told by who owns its entry in /proc: from then on it is root's."""
    assert looked(AS_NOBODY) == ["(0, 0) 0", "still starts others", "0"]


LONG_CANARY = "canary-" * 3  # no token is shorter than 16 characters


def test_the_keys_of_the_object_store_are_among_what_nobody_inherits() -> None:
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= {*SECRETS}


def test_what_is_started_later_inherits_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, LONG_CANARY)
    settings = Settings.read()
    Settings.forget_secrets()
    told = subprocess.check_output([sys.executable, "-c", "import os; print(dict(os.environ))"], text=True)
    assert "canary" not in told
    assert settings.encryption_key is not None
    assert settings.encryption_key.get_secret_value() == LONG_CANARY
    Settings.forget_secrets()


def test_the_first_run_says_what_to_do_with_the_key_and_no_other_run_does(tmp_path: Path) -> None:
    settings = environment() | {
        "AUTOPILOT_DATA_DIR": str(tmp_path / "data"),
        "AUTOPILOT_KEY_FILE": str(tmp_path / "key" / "master.key"),
        "AUTOPILOT_PORT": str(free_port()),
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    told = []
    for _ in range(2):
        with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as serving:
            assert serving.stdout is not None
            lines = []
            for line in serving.stdout:
                lines.append(line)
                if "Ctrl-C ends it" in line:
                    break
            limits = Path(f"/proc/{serving.pid}/limits").read_text() if sys.platform == "linux" else ""
            serving.terminate()
            serving.wait(30)
        told.append("".join(lines))
        assert not limits or "Max core file size        0                    0" in limits
    assert f"from now on the file {tmp_path / 'key' / 'master.key'}" in told[0]
    assert "never together with the database" in told[0]
    assert "never together" not in told[1]
