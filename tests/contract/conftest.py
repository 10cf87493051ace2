"""Each test that asks for a place runs once for every integration."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.agents.keys import KeyKind
from tests.contract.place import SERVICES, THE_QUICKEST, Place, kind_of, place_of
from tests.contract.running import Run, running


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """The name of an integration's folder."""
    return str(request.param)


@pytest.fixture(autouse=True)
def browser(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One service is run in the browser that people have, which is the agent's by default, also where tests have the shell."""
    if service == THE_QUICKEST and os.environ.get("AUTOPILOT_TEST_SHELL"):
        monkeypatch.delenv("AUTOPILOT_CHROMIUM")


@pytest.fixture
def kind(service: str) -> KeyKind:
    """What this integration says of its key."""
    return kind_of(service)


@pytest.fixture
def place(service: str, pytestconfig: pytest.Config) -> Iterator[Place]:
    with place_of(service, pytestconfig) as opened:
        yield opened


@pytest.fixture
async def run(tmp_path: Path, service: str, place: Place) -> AsyncIterator[Run]:
    async with running(tmp_path, service, place) as opened:
        yield opened
