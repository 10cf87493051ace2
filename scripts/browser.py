"""Makes sure that there is a browser: an installed one, Playwright's own, or Debian's package, in this order."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from core.browser.find_browser import NoBrowser, find_browser


def found() -> str | None:
    """Which browser there is, in words, or None."""
    from playwright.sync_api import sync_playwright

    explicit = os.environ.get("AUTOPILOT_CHROMIUM")
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    try:
        return find_browser(own, Path(explicit) if explicit else None).words
    except NoBrowser:
        return None


def main() -> None:
    """Look, try each way, and say how to go on if none works."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        ways.append(["apt-get", "update", "-qq"])
        ways.append(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
    for way in ways:
        if found():
            return
        print("Looking for a browser:", " ".join(Path(word).name for word in way))
        subprocess.run(way, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not found():
        sys.exit("There is no browser. Run '.venv/bin/playwright install --with-deps chromium', or set AUTOPILOT_CHROMIUM.")


main()
