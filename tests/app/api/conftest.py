"""What the tests of the API share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.api.calling import Caller, desk
from tests.fakes.clock import MovedClock


@pytest.fixture
async def call(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Caller]:
    """Somebody who may call; nothing that is asked for is carried out."""
    async with desk(tmp_path, sqlite_template, clock) as somebody:
        yield somebody
