"""What the tests of the API share."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest

from core.database import upgrade
from core.workflows import knowledge_base
from tests.app.api.calling import Caller, desk
from tests.fakes.clock import MovedClock


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """What every start reads and no test changes: the workflows that were learnt, and the migrations there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knowledge_base, "from_file", cache(knowledge_base.from_file))
        patch.setattr(upgrade, "_scripts", cache(upgrade._scripts))
        yield


@pytest.fixture
async def call(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Caller]:
    """Somebody who may call; nothing that is asked for is carried out."""
    async with desk(tmp_path, sqlite_template, clock) as somebody:
        yield somebody
