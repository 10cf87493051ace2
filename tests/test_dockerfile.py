"""The Dockerfile's own steps, run without Docker: its build step and its command, in an empty folder, as another user."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.running import free_port

ROOT = Path(__file__).parents[1]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".autopilot", "test-artifacts", "__pycache__", ".*_cache")
STARTS_WITHIN = 60  # seconds; a cold start imports everything


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined."""
    joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, " ".join(rest.split())) for name, _, rest in (line.partition(" ") for line in lines)]


def variables() -> dict[str, str]:
    """What the image's environment holds."""
    given = [pair for name, rest in instructions() if name == "ENV" for pair in rest.split()]
    return {name: value for name, _, value in (pair.partition("=") for pair in given)}


def test_the_key_and_what_it_opens_outlive_the_container_in_volumes_of_their_own() -> None:
    volumes = next(rest.split() for name, rest in instructions() if name == "VOLUME")
    homes = [
        next(volume for volume in volumes if Path(variables()[name]).is_relative_to(volume))
        for name in ("AUTOPILOT_DATA_DIR", "AUTOPILOT_KEY_FILE")
    ]
    assert len(set(homes)) == len(homes)


def test_it_builds_with_the_projects_own_script_and_runs_without_rights() -> None:
    told = instructions()
    names = [name for name, _ in told]
    user = names.index("USER")
    assert told[user][1] not in {"root", "0"}
    assert ("RUN", "scripts/install") in told[user:]
    assert any(name == "RUN" and "chromium" in rest for name, rest in told[:user])
    assert names.index("CMD") > user


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that another user can reach."""
    made = Path(tempfile.mkdtemp(prefix="autopilot-image-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.timeout(400)
def test_its_build_step_and_its_command_work_as_another_user(folder: Path) -> None:
    image, home = folder / "image", folder / "home"
    shutil.copytree(ROOT, image, ignore=NOT_COPIED)
    home.mkdir()
    who = _somebody_else()
    if who:
        subprocess.run(["chown", "-R", f"{who['user']}:{who['group']}", folder], check=True)
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        **variables(),
        "AUTOPILOT_DATA_DIR": str(home / "data"),
        "AUTOPILOT_KEY_FILE": str(home / "keys" / "master.key"),
        "AUTOPILOT_HOST": "127.0.0.1",
        "AUTOPILOT_PORT": str(port),
        **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_", "REQUESTS_"))},
    }
    run: dict[str, Any] = {"cwd": image, "env": environment, **who}
    subprocess.run(["scripts/install"], check=True, **run)
    # The doctor starts the browser; that it does is what makes a container of use.
    subprocess.run([".venv/bin/autopilot", "doctor"], check=True, **run)
    command = json.loads(next(rest for name, rest in instructions() if name == "CMD"))
    server = subprocess.Popen(command, **run, stdout=subprocess.DEVNULL)
    try:
        assert _healthy(port, server)["status"] == "ok"
    finally:
        server.terminate()
        server.wait(30)


def _somebody_else() -> dict[str, Any]:
    """A user without rights, if we have the right to become one."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _healthy(port: int, server: "subprocess.Popen[bytes]") -> dict[str, str]:
    """What the server says of its health, once it listens."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=STARTS_WITHIN) as answer:
                told: dict[str, str] = json.load(answer)
                return told
        except urllib.error.URLError:
            continue
    raise AssertionError(f"the server ended with {server.returncode}")
