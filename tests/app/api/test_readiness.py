"""Whether a process is well and ready is told within five seconds, whatever hangs, and to everybody: so nothing else is told."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import exposition
from app.api import health
from app.bootstrap import build
from app.practice_shop.shop import PracticeShop
from core import readiness
from core.database.session import Database
from tests.app.api.calling import PASSWORD, Caller, problem, served
from tests.app.api.test_metrics_api import COLLECTOR, TOKEN, families, value
from tests.app.running import Stage, free_port, settings
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_owner, as_product, binaries, frozen, postgres_server

PATIENCE = 5  # seconds
IN_RESERVE = 2  # seconds of them, for a machine that is busy; the tests share theirs with others, and have more
SHORT = 0.5  # seconds that the product waits for the database here
ASKED_AT_ONCE = 12
TELLING = ("psycopg", "sqlalchemy", "postgresql", "Traceback", "autopilot:", "as-of-the-tests", "127.0.0.1", "Chromium")


async def test_it_is_ready(call: Caller) -> None:
    answer = await call.anonymous.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert (await call.anonymous.head("/readyz")).status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("wanting", ["version", "browser"])
async def test_it_is_not_ready_and_says_why(call: Caller, wanting: str) -> None:
    autopilot = call.stage.autopilot
    match wanting:
        case "version":
            with as_owner(autopilot.services.database).begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        case "browser":
            autopilot.browsers.is_found = False
    answer = await call.anonymous.get("/readyz")
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (503, "not_ready")
    assert (
        told["detail"]
        == {
            "version": "This process is not ready. The database is not of this version.",
            "browser": "This process is not ready. There is no browser to work with.",
        }[wanting]
    )
    assert (await call.anonymous.get("/healthz")).status_code == 200  # nobody has to begin it anew for that


async def test_a_browser_that_is_missing_is_noticed(tmp_path: Path) -> None:
    chosen = settings(tmp_path, 0).model_copy(update={"chromium": tmp_path / "no-browser"})
    autopilot = build(chosen)
    async with autopilot.running():
        async with asyncio.timeout(60):
            while autopilot.browsers.is_found is None:  # noqa: ASYNC110  the driver says nothing when it is looked for
                await asyncio.sleep(0.05)
        assert autopilot.browsers.is_found is False


@pytest.fixture
async def on_postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Caller, PostgresServer]]:
    """A product on a server that no other test has."""
    folder = binaries()
    if folder is None or sys.platform != "linux":
        pytest.skip("there is no PostgreSQL here that could be frozen")
    monkeypatch.setenv("AUTOPILOT_METRICS_TOKEN", TOKEN)
    with postgres_server(folder) as server, server.database() as url:
        upgrade_for_tests(url)
        autopilot = build(settings(tmp_path, free_port(), as_product(url)))
        await autopilot.open()
        people = autopilot.services.people
        visitor = await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", PASSWORD)
        play = Stage(autopilot, autopilot.services, visitor, PracticeShop(), "http://none.example", tmp_path)
        async with served(play) as call:
            yield call, server
        await people.settled()
        autopilot.services.database.close()


async def test_a_database_that_hangs_is_told_of_in_time(
    on_postgres: tuple[Caller, PostgresServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    call, server = on_postgres
    for path in ("/healthz", "/readyz"):
        assert (await call.anonymous.get(path)).status_code == 200
    assert value(families(await call.anonymous.get("/metrics", headers=COLLECTOR)), "autopilot_database_up") == 1
    call.stage.services.exposition._looked_at = float("-inf")  # type: ignore[attr-defined]  # as if it were a while ago
    database, begun = call.stage.services.database, []

    def look(*told: Any) -> Any:
        begun.append(told)
        return Database._in_thread(database, *told)

    monkeypatch.setattr(database, "_in_thread", look)
    with frozen(server), monkeypatch.context() as patch:
        for module in (health, readiness, exposition):
            assert module.ANSWERS_WITHIN <= PATIENCE - IN_RESERVE
            patch.setattr(module, "ANSWERS_WITHIN", SHORT)
        for path, status in (("/healthz", 503), ("/readyz", 503), ("/metrics", 200)):
            began = time.monotonic()
            asking = (call.anonymous.get(path, headers=COLLECTOR) for _ in range(ASKED_AT_ONCE))
            answers = await asyncio.gather(*asking)
            assert time.monotonic() - began < PATIENCE, path
            assert {one.status_code for one in answers} == {status}, path
            for one in answers:
                assert [word for word in TELLING if word in one.text] == []
        assert value(families(answers[0]), "autopilot_database_up") == 0
        assert len(begun) == 3  # one look of each kind, however many ask
    async with asyncio.timeout(30):
        while (await call.anonymous.get("/readyz")).status_code != 200:
            pass
    assert (await call.anonymous.get("/healthz")).status_code == 200
