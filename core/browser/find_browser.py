"""Finds a Chromium to use: the one named, Playwright's own, or one that is installed; and says how to mend it if there is none."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.errors import Unavailable

OLDEST = 140  # major version; what the façade relies on was measured on 156
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
DEBIANS_SHELL = "/usr/lib/chromium/chromium-headless-shell"  # its command in /usr/bin would stay between it and us
WELL_KNOWN = {
    "linux": ("/opt/google/chrome/chrome", "/usr/lib/chromium/chromium", DEBIANS_SHELL),
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "win32": (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    ),
}


class NoBrowser(Unavailable):
    """There is no browser to work with."""

    code: ClassVar[str] = "no_browser"
    retry: ClassVar[bool] = False


@dataclass(frozen=True)
class FoundBrowser:
    """A browser to launch: an executable, or Playwright's own build by its channel (None for both: its headless shell)."""

    executable: Path | None = None
    channel: str | None = None

    @property
    def words(self) -> str:
        """Which browser this is, for people."""
        return str(self.executable) if self.executable else "Playwright's own Chromium"


def find_browser(playwrights_own: Path, explicit: Path | None = None) -> FoundBrowser:
    """The browser to launch. `playwrights_own` is where Playwright would look for its own build. Raises NoBrowser."""
    if explicit is not None:
        if not os.access(explicit, os.X_OK) or explicit.is_dir():
            raise NoBrowser(because=f"AUTOPILOT_CHROMIUM={explicit} can't be started. Correct it, or unset it.")
        return FoundBrowser(executable=explicit)
    if playwrights_own.exists():
        return FoundBrowser(channel="chromium")
    if headless_shell_beside(playwrights_own):
        return FoundBrowser()
    return FoundBrowser(executable=_installed())


def check_version(version: str) -> str:
    """The version, if it is new enough. Raises NoBrowser."""
    major = version.split(".", 1)[0]
    if not major.isdigit() or int(major) < OLDEST:
        raise NoBrowser(because=f"Chromium {version} is too old, {OLDEST} is needed. Update it: {_mending_command()}")
    return version


def headless_shell_beside(full: Path) -> Path | None:
    """Playwright's smaller, headless build, if it stands where its full one would."""
    folder = next((parent for parent in full.parents if parent.name.startswith("chromium-")), None)
    if folder is None:
        return None
    shell = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-"))
    return next(shell.glob("*/*headless*shell*"), None)


def _installed() -> Path:
    for name in NAMES:
        # A snap's browser can't reach the folders it is given, so it would fail later and less clearly.
        if (path := shutil.which(name)) and not path.startswith("/snap/"):
            return Path(path)
    for written in WELL_KNOWN.get(sys.platform, ()):
        if (place := Path(os.path.expandvars(written))).exists():
            return place
    raise NoBrowser(because=f"Install one: {_mending_command()}; or name one in AUTOPILOT_CHROMIUM.")


def _mending_command() -> str:
    if sys.platform == "linux" and shutil.which("apt-get") and os.geteuid() == 0:
        return "apt-get install -y chromium"
    return "playwright install chromium"
