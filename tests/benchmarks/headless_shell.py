"""What the headless shell saves beside the whole browser, for the same runs.

    .venv/bin/python tests/benchmarks/headless_shell.py SHELL WHOLE [--rounds 8]

Each of the two executables in turn, in one process: launch, then eight runs, each with a context of its own behind a proxy of its
own, that open a page, click, type and take a picture. Told are the medians of seconds, of processor seconds (browser and driver),
and of the browser's memory (proportional set size) while one run is open. Linux only: it reads /proc.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.browser.actions import Click, Fill, Open
from core.browser.scope import RunScope
from core.browser.sessions import Browsers
from core.security.addresses import AddressGuard, SystemResolver
from core.workflows.locator import Locator
from tests.fakes.secrets import FakeSecrets
from tests.fakes.web import Web, serving

RUNS = 8
PAGE = (
    "<h1>Keys</h1><form><label>Name<input id=name></label><button type=button>Add</button></form>" + "<p>row</p>" * 200
)


@dataclass(frozen=True)
class Cost:
    """Of eight runs: seconds, processor seconds, and MiB while one of them is open."""

    seconds: float
    processor: float
    memory: float


def children(pid: int) -> list[int]:
    """All processes below one, itself included."""
    below = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            below += children(int(child))
    return below


def processor_seconds(pids: list[int]) -> float:
    """What they have used so far, with what their children that ended had used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / 100


def memory(pids: list[int]) -> float:
    """Their proportional set size in MiB."""
    sizes = (Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:", 1)[1].split()[0] for pid in pids)
    return sum(map(int, sizes)) / 1024


def below_us() -> list[int]:
    """The driver and the browser."""
    return children(int(Path("/proc/self").readlink().name))[1:]


async def cost(executable: Path, web: Web) -> Cost:
    """Launch it, work with it, close it."""
    guard = AddressGuard(SystemResolver(), frozenset({web.origin.host_port}))
    with tempfile.TemporaryDirectory() as folder:
        browsers = Browsers(executable, Path(folder) / "browser")
        began, used, held = time.perf_counter(), 0.0, 0.0
        try:
            for _ in range(RUNS):
                scope = RunScope(web.origin, FakeSecrets())
                egress = await browsers.egress(frozenset({web.origin}), guard)
                async with browsers.run(scope, egress) as run:
                    await run.page.perform(Open("/"))
                    await run.page.perform(Fill(Locator.css("#name"), "Autopilot"))
                    await run.page.perform(Click(Locator.css("button")))
                    await run.page.picture().ready()
                    held = memory(below_us())
            used = processor_seconds(below_us())
        finally:
            await browsers.close()
        return Cost(time.perf_counter() - began, used, held)


async def measured(executables: list[Path], rounds: int) -> dict[Path, list[Cost]]:
    """The costs of each, taken in turn."""
    costs: dict[Path, list[Cost]] = {executable: [] for executable in executables}
    async with serving() as web:
        web.show(PAGE)
        for _ in range(rounds):
            for executable in executables:
                costs[executable].append(await cost(executable, web))
    return costs


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executables", nargs=2, type=Path, metavar="EXECUTABLE")
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    for executable, costs in asyncio.run(measured(given.executables, given.rounds)).items():
        seconds, processor, held = (
            statistics.median(getattr(one, name) for one in costs) for name in ("seconds", "processor", "memory")
        )
        sys.stdout.write(f"{executable.name:32} {seconds:6.2f} s  {processor:6.2f} processor s  {held:5.0f} MiB\n")


if __name__ == "__main__":
    main()
