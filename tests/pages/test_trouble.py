"""A screen that breaks tells its visitor nothing of the error."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

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
