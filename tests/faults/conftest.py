"""Here the product's processes are up at once; what comes after is shown, and by the table of faults from their command on."""

from pathlib import Path

import pytest

from tests.faults import embedded, several
from tests.faults.beginning import forked


@pytest.fixture(autouse=True)
def up_at_once(monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> None:
    for one in (embedded, several):
        monkeypatch.setattr(one, "BEGIN", forked)
    monkeypatch.setattr(embedded, "EMPTY", sqlite_template)
