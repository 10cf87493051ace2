"""`autopilot worker`, and `serve --no-work`: for a database that processes share, and for no file."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bootstrap import Duties, build
from app.cli import main
from app.host import own_name
from core.database.session import Database
from core.health import NO_WORKER, State
from tests.app.running import free_port, settings
from tests.core.statistics.test_statistics import somebody


@pytest.mark.parametrize("words", [["worker"], ["serve", "--no-work"]])
def test_a_file_is_refused_with_what_to_do(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 1
    assert "a SQLite file is one process's alone. Set DATABASE_URL" in " ".join(told.output.split())
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("works", [True, False])
async def test_health_names_a_worker_that_has_nothing_to_do_as_its_leases_would_and_says_if_there_is_none(
    works: bool, postgres_database: Database, tmp_path: Path
) -> None:
    url = postgres_database.url.render_as_string(hide_password=False)
    autopilot = build(settings(tmp_path, free_port(), url), duties=Duties(works=works, looks_after=False))
    there = (State.WELL, f"{own_name()} connected, with nothing to do.")
    async with autopilot.running() as services:
        staff = await somebody(services.database, is_staff=True)
        async with asyncio.timeout(20):
            found = (State.LOOK, "")
            while found != (there if works else (State.BROKEN, NO_WORKER)):
                line = next(one for one in (await services.health.report(staff)).findings if one.name == "Workers")
                found = line.state, line.found
                await asyncio.sleep(0.1)
    assert found[0] is (State.WELL if works else State.BROKEN)
