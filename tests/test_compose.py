"""compose.yaml without Docker: its commands and its environment, on a real PostgreSQL and a real object store."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from app.bootstrap import Duties, build
from app.settings import Settings
from core.database.states import OperationStatus, StepState
from tests.app.running import free_port
from tests.faults.several import Several, shop_at
from tests.marked import marked
from tests.object_store import ObjectServer
from tests.postgres import PostgresServer
from tests.test_dockerfile import variables

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("upgrade", "web", "worker")
PASSED_ON = ("AUTOPILOT_CHROMIUM", "PYTHONPYCACHEPREFIX", "PLAYWRIGHT_BROWSERS_PATH")
ASKED_FOR = re.compile(r"\$\{(\w+):\?")


def test_it_holds_no_password_and_says_which_are_missing() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert {*ASKED_FOR.findall(text)} == {"OWNER_PASSWORD", "DATABASE_PASSWORD", "STORAGE_KEY", "STORAGE_SECRET"}
    secret = [line for line in text.splitlines() if re.search(r"(PASSWORD|KEY|SECRET)\w*: [^$\s{]", line)]
    assert secret == []


def test_what_signs_in_as_the_owner_ends_before_anything_serves() -> None:
    owning = [name for name, told in SERVICES.items() if "DATABASE_OWNER_URL" in told.get("environment", {})]
    assert owning == ["upgrade"]
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["upgrade"] == {"condition": "service_completed_successfully"}


def test_web_only_asks_and_two_workers_carry_out_with_time_to_hand_back() -> None:
    assert SERVICES["web"]["command"][1:] == ["serve", "--no-work"]
    assert (SERVICES["worker"]["command"][1], SERVICES["worker"]["deploy"]["replicas"]) == ("worker", 2)
    assert int(SERVICES["worker"]["stop_grace_period"].rstrip("s")) >= 20
    assert all("/keys" in SERVICES[name]["volumes"][0] for name in OURS)


@pytest.fixture
def told(
    tmp_path: Path, postgres: PostgresServer, objects: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, dict[str, str]]]:
    """The environment of each of our services, as Docker would fill it in, but for where the servers are."""
    place, keys = objects.place(), ("made-up-key", marked())
    with postgres.database() as url:
        at = make_url(url)
        given = {
            "OWNER_PASSWORD": "owned",
            "DATABASE_PASSWORD": "as-of-the-tests",
            "STORAGE_KEY": keys[0],
            "STORAGE_SECRET": keys[1],
        }
        moved = {
            "@database/autopilot": f"@{at.host}:{at.port}/{at.database}",
            "http://storage:8333": objects.url,
            "s3://pictures": f"s3://{place.bucket}",
        }
        yield {name: _filled_in(name, given, moved, tmp_path) for name in OURS}
    objects.remove(place)


def _filled_in(name: str, given: dict[str, str], moved: dict[str, str], folder: Path) -> dict[str, str]:
    environment = variables() | SERVICES[name]["environment"]
    made = {}
    for variable, value in environment.items():
        text = re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given.get(found.group(1), ""), str(value))
        for before, after in moved.items():
            text = text.replace(before, after)
        made[variable] = text
    here = {"AUTOPILOT_DATA_DIR": folder / "data", "AUTOPILOT_KEY_FILE": folder / "keys" / "master.key"}
    return made | {variable: str(path) for variable, path in here.items()}


@pytest.mark.timeout(180)
async def test_its_processes_set_a_shop_up_together(
    told: dict[str, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is upgraded, the dashboard serves, a worker carries out, and the picture is in the object store."""
    shop_port, port = free_port(), free_port()
    here = {
        "AUTOPILOT_ALLOWED_HOSTS": f"127.0.0.1:{shop_port}",
        "AUTOPILOT_PORT": str(port),
        "AUTOPILOT_HOST": "127.0.0.1",
    }
    run("upgrade", told, here).wait(60)
    web, worker = [
        run(name, told, here) for name in ("web", "worker")
    ]  # of two workers: tests/faults/test_several_workers.py
    try:
        for name, value in (told["web"] | here).items():
            monkeypatch.setenv(name, value)
        settings = Settings.read()
        autopilot = build(settings, duties=Duties(works=False))
        async with autopilot.running() as services:
            house = Several(tmp_path, settings, autopilot, services, (shop_port,))
            with shop_at(shop_port) as (shop, url):
                visitor = await house.customer()
                done = await house.ended(visitor, (await house.ask(visitor, shop, url)).id)
            assert (done.status, done.failure) == (OperationStatus.COMPLETED, None)
            pictured = [step for step in done.steps if step.state is StepState.DONE and step.picture_id]
            assert pictured
            for step in pictured:
                assert step.picture_id
                assert (await services.pictures.load(visitor.customer_id, step.picture_id, "full")).startswith(b"RIFF")
        assert (await asyncio.to_thread(answer, port, "/healthz"))["status"] == "ok"
    finally:
        for one in (web, worker):
            one.terminate()
        ends = [one.wait(40) for one in (web, worker)]
    assert ends == [-signal.SIGTERM, 0]  # the web server ends in order, and then as it was told


def run(name: str, told: dict[str, dict[str, str]], here: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A service's command, with the python of these tests."""
    words = SERVICES[name]["command"]
    assert words[0] == ".venv/bin/autopilot"
    kept = {variable: os.environ[variable] for variable in ("PATH", "HOME", *PASSED_ON) if variable in os.environ}
    command = [sys.executable, "-c", "from app.cli import main; main()", *words[1:]]
    return subprocess.Popen(command, cwd=ROOT, env=kept | told[name] | here, stdout=subprocess.DEVNULL)


def answer(port: int, path: str) -> dict[str, Any]:
    """What the dashboard's process says, once it listens."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as said:
                found: dict[str, Any] = json.load(said)
                return found
        except urllib.error.URLError:
            continue
