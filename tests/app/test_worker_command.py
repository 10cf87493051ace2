"""`autopilot worker`, and `serve --no-work`: for a database that processes share, and for no file."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import main


@pytest.mark.parametrize("words", [["worker"], ["serve", "--no-work"]])
def test_a_file_is_refused_with_what_to_do(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 1
    assert "a SQLite file is one process's alone. Set DATABASE_URL" in " ".join(told.output.split())
    assert not (tmp_path / "data").exists()
