"""Whoever goes elsewhere before the product has answered leaves nothing in its log, whatever NiceGUI puts around our part."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nicegui import app as nicegui_app
from starlette.types import Message

from tests.fakes.clock import MovedClock
from tests.pages.simulation import Person, simulated


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


def asked(path: str) -> dict[str, Any]:
    """A request for a page, as the server tells the application of it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"test")],
        "client": ("127.0.0.1", 4711),
        "server": ("test", 80),
    }


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/", "/nowhere"])
async def test_nothing_is_logged_of_who_has_gone(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}  # the server tells of no body either, once the connection is gone

    async def send(message: Message) -> None:
        """There is nobody to hear it."""

    await nicegui_app(asked(path), receive, send)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
