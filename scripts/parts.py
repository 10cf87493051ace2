"""Runs the tests in parts, two at once for each processor: each waits for pages half of the time.

What starts a demo is in one part, so that no two look for its ports; and so is what needs the real products, so that each of
them is started once.
"""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[1]
AT_ONCE = 2 * (os.cpu_count() or 1)
# The longest first: what is begun last is soon over.
PARTS = {
    "pages": ("tests/pages", "tests/app/test_commands.py", "tests/app/test_practice_room.py"),
    "setups": ("tests/app",),
    "faults": ("tests/faults", "tests/test_compose.py", "tests/app/test_distributed.py"),
    "api": ("tests/app/api", "tests/app/practice_shop", "tests/benchmarks"),
    "real": ("tests/real", "tests/contract", "tests/e2e"),
    "attacks": ("tests/attacks",),
    "rest": ("tests",),
    "browser": ("tests/core/browser",),
    "operations": ("tests/core/operations", "tests/core/integrations"),
}


running: list[subprocess.Popen[str]] = []


@dataclass(frozen=True)
class Ran:
    """What came of one part, and all that was told of it."""

    is_well: bool
    told: str

    @property
    def lines(self) -> list[str]:
        """The same in lines; the last is how many passed."""
        return self.told.splitlines() or ["nothing was told"]


def words_of(name: str) -> list[str]:
    """What pytest is told of a part: its folders and files, without those that other parts have of them."""
    own = PARTS[name]
    others = [path for other, paths in PARTS.items() if other != name for path in paths]
    inside = [path for path in others if any(path.startswith(f"{one}/") for one in own)]
    return [*own, *(f"--ignore={path}" for path in inside)]


def run(name: str) -> Ran:
    """Run one part, and say at its end whether it was well; if not, all that was told."""
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", *words_of(name)]
    with subprocess.Popen(  # noqa: S603  our own words
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as begun:
        running.append(begun)
        told, _ = begun.communicate()
    ran = Ran(begun.returncode == 0, told)
    sys.stdout.write(f"✓ {name}\n" if ran.is_well else f"✗ {name}\n{told}")  # at once, so that no two are mixed
    sys.stdout.flush()
    return ran


def end(*_: object) -> NoReturn:
    """Leave nothing running behind."""
    for one in running:
        one.terminate()
    os._exit(1)


def main() -> int:
    """Run all; tell at the end what was left out, and each part's closing line."""
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        parts = list(threads.map(run, PARTS))
    for part in parts:
        sys.stdout.writelines(f"{line}\n" for line in part.lines if line.startswith("SKIPPED"))
    sys.stdout.writelines(f"{part.lines[-1]}\n" for part in parts)
    return 0 if all(part.is_well for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
