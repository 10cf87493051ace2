"""The command line of a real product: the same words for each."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.real.debian import NotToBeHad
from scripts.real.processes import DidNotStart
from scripts.real.product import RealProduct, RunningSite
from scripts.real.site import PhpFailed

ROOT = Path(__file__).parents[2]


def real_folder() -> Path:
    """Where the real products are kept on this machine."""
    return Path(os.environ.get("AUTOPILOT_REAL_DIR") or ROOT / ".autopilot" / "real")


def do(product: RealProduct[Any], title: str, admin: str) -> int:
    """Do what the command line says: 0 if it was done, 3 if the real thing can't be had here."""
    commands: dict[str, Callable[[], int]] = {
        "start": lambda: _start(product, title, admin),
        "stop": lambda: _done(product.stop, "Stopped."),
        "reset": lambda: _told(product.reset(), title, "is as it was at first, and runs", admin),
        "status": lambda: _status(product, title, admin),
        "fetch": lambda: _done(product.fetch),
    }
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.stderr.write(f"usage: scripts/real-{title.lower()} {'|'.join(commands)}\n")
        return 2
    try:
        return commands[sys.argv[1]]()
    except NotToBeHad as refused:
        sys.stderr.write(f"{refused}\n")
        return 3
    except (DidNotStart, PhpFailed, PermissionError) as failed:
        sys.stderr.write(f"{failed}\n")
        return 1


def say(sentence: str) -> None:
    """Print it at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _start(product: RealProduct[Any], title: str, admin: str) -> int:
    if site := product.running():
        return _told(site, title, "runs already", admin)
    begun = time.monotonic()
    site = product.start()
    return _told(site, title, f"runs, after {time.monotonic() - begun:.0f} s", admin)


def _status(product: RealProduct[Any], title: str, admin: str) -> int:
    if site := product.running():
        return _told(site, title, "runs", admin)
    say(f"{title} does not run.")
    return 1


def _told(site: RunningSite, title: str, does: str, admin: str) -> int:
    say(f"{title} {site.version} {does}: {site.url}{admin}")
    say(f"Its users ({', '.join(site.users)}) and their passwords are in {site.folder / 'site.json'}")
    return 0


def _done(work: Callable[[], None], sentence: str = "") -> int:
    work()
    if sentence:
        say(sentence)
    return 0
