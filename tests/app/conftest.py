"""What tests of the whole product share."""

import logging

import pytest

from tests.app.secret_scan import Said


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Said:
    """Everything that was logged, at every level, and printed, by child processes too."""
    caplog.set_level(logging.DEBUG)
    printed: list[str] = []

    def told() -> str:
        printed.extend(capfd.readouterr())
        return "\n".join([caplog.text, *printed])

    return told
