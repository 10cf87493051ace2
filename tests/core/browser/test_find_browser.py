"""A browser is found where one is, and where there is none, people are told what to do."""

from pathlib import Path

import pytest

from core.browser import find_browser as finding
from core.browser.find_browser import FoundBrowser, NoBrowser, check_version, find_browser

NOWHERE = Path("/nowhere/chromium-1255/chrome-linux64/chrome")


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_one_that_is_named_comes_first(tmp_path: Path) -> None:
    named, own = executable(tmp_path / "named"), executable(tmp_path / "own")
    assert find_browser(own, named) == FoundBrowser(executable=named)


@pytest.mark.parametrize("kind", ["missing", "a folder", "not executable"])
def test_a_named_one_that_cannot_be_started_is_an_error_not_a_reason_to_look_on(tmp_path: Path, kind: str) -> None:
    named = tmp_path / "named"
    if kind == "a folder":
        named.mkdir()
    elif kind == "not executable":
        named.write_text("")
    with pytest.raises(NoBrowser, match="can't be started"):
        find_browser(executable(tmp_path / "own"), named)


def test_playwright_s_own_comes_next_and_then_its_headless_shell(tmp_path: Path) -> None:
    full = tmp_path / "chromium-1255" / "chrome-linux64" / "chrome"
    executable(tmp_path / "chromium_headless_shell-1255" / "chrome-linux" / "headless_shell")
    assert find_browser(full) == FoundBrowser()
    executable(full)
    assert find_browser(full) == FoundBrowser(channel="chromium")


def test_an_installed_one_is_found_on_the_path_but_not_a_snap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chrome = executable(tmp_path / "bin" / "google-chrome")
    monkeypatch.setattr(finding, "WELL_KNOWN", {})
    found = {"chromium": "/snap/bin/chromium", "google-chrome": str(chrome)}
    monkeypatch.setattr("shutil.which", found.get)
    assert find_browser(NOWHERE) == FoundBrowser(executable=chrome)


def test_without_any_the_command_that_mends_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(finding, "WELL_KNOWN", {})
    with pytest.raises(NoBrowser, match="playwright install chromium; or name one in AUTOPILOT_CHROMIUM"):
        find_browser(NOWHERE)


def test_a_browser_that_is_too_old_is_refused() -> None:
    assert check_version("156.0.8078.79") == "156.0.8078.79"
    for version in ("139.0.1", "", "unknown"):
        with pytest.raises(NoBrowser, match="too old"):
            check_version(version)
