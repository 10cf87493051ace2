"""What tests of the whole product share."""

import asyncio
import logging

import pytest

from tests.app.secret_scan import Said
from tests.app.stored_setup import StoredSetup


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Said:
    """Everything that was logged, at every level, and printed, by child processes too."""
    caplog.set_level(logging.DEBUG)
    printed: list[str] = []

    def told() -> str:
        printed.extend(capfd.readouterr())
        return "\n".join([caplog.text, *printed])

    return told


@pytest.fixture(scope="session")
def connected(tmp_path_factory: pytest.TempPathFactory) -> StoredSetup:
    """A practice shop that is connected."""
    return asyncio.run(StoredSetup.done(tmp_path_factory.mktemp("connected")))
