"""A screen that breaks tells its visitor nothing of the error, and none is taken for broken because a busy machine is slow."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from pages.parts.screen import screen
from tests.app.running import free_port
from tests.pages.served import ROOT, environment


@pytest.fixture
def address() -> Iterator[str]:
    """Where the broken screen is, once it is served."""
    port = free_port()
    command = [sys.executable, "-m", "tests.pages.broken_screen", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert any("ready to go" in line for line in process.stdout)
        yield f"http://127.0.0.1:{port}/broken"
    finally:
        process.terminate()
        process.wait(20)


def test_a_broken_screen_says_nothing_of_the_error(address: str) -> None:
    answer = httpx.get(address)
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Nothing was changed in your shop" in answer.text
    assert "hunter2" not in answer.text


def test_every_screen_is_put_up_with_the_time_that_a_busy_machine_needs() -> None:
    assert screen.keywords == {"response_timeout": 30.0}
    by_themselves = [path.name for path in (ROOT / "pages").rglob("*.py") if "@ui.page(" in path.read_text("utf-8")]
    assert by_themselves == []
