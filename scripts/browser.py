"""Makes sure that there is a browser: an installed one, Playwright's own, or Debian's package, in this order."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from core.browser.find_browser import NoBrowser, find_browser

NONE = "There is no browser. Run '.venv/bin/playwright install --with-deps chromium', or set AUTOPILOT_CHROMIUM.\n"


def found() -> bool:
    """Whether there is a browser that Autopilot would use."""
    explicit = os.environ.get("AUTOPILOT_CHROMIUM")
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    try:
        find_browser(own, Path(explicit) if explicit else None)
    except NoBrowser:
        return False
    return True


def main() -> int:
    """Look, try each way, and say how to go on if none works."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        ways += [["apt-get", "update", "-qq"]]
        ways += [["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]
    for way in ways:
        if found():
            return 0
        sys.stdout.write(f"Looking for a browser: {' '.join(Path(word).name for word in way)}\n")
        subprocess.run(way, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own words
    if found():
        return 0
    sys.stderr.write(NONE)
    return 1


sys.exit(main())
