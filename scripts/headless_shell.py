"""Says where a headless shell is: the same Chromium at a third of the cost, for tests, which launch it hundreds of times.

Playwright's own comes first, then Debian's package, which is installed if this may be done; without either, nothing is said.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from core.browser.find_browser import DEBIANS_SHELL, headless_shell_beside

DEBIANS = Path(DEBIANS_SHELL)
INSTALL = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell"]


def main() -> None:
    """Look, install it if need be, and print its path."""
    with sync_playwright() as playwright:
        shell = headless_shell_beside(Path(playwright.chromium.executable_path))
    if shell is None and not DEBIANS.exists() and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(INSTALL, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own words
    if found := shell or (DEBIANS if DEBIANS.exists() else None):
        sys.stdout.write(f"{found}\n")


main()
