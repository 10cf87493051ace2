"""What comes of every fault, tried again and again; and the table of docs/reliability.md.

    python -m tests.faults.table [WORD ...] [--tries 20] [--jobs 2] [--write docs/reliability.md]

With words, only the rows whose name holds one of them. It exits with 1 if any try was lost or doubled.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from tests.faults.embedded_cases import embedded_cases
from tests.faults.fault_case import LOST, FaultCase, Tried
from tests.faults.several_cases import several_cases

# The parts of the table, by what stands above them. A part is a list of faults in a module of its own.
PARTS: dict[str, Callable[[], list[FaultCase]]] = {
    "One process, on SQLite": embedded_cases,
    "Two workers, on PostgreSQL": several_cases,
}

BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"
HEAD = "| what happens | tries | lost | doubled | completed | failed, and said so | stopped | goes on after, median (worst) |"
RULE = "|---|--:|--:|--:|--:|--:|--:|--:|"


@dataclass
class Row:
    """A fault, and what came of its tries."""

    case: FaultCase
    tried: list[Tried] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and nothing done twice."""
        return not any(one.lost or one.doubled for one in self.tried)

    @property
    def line(self) -> str:
        """The row of the table."""
        if self.case.skipped:
            return f"| {self.case.name} | 0 | | | | | | not tried: {self.case.skipped} |"
        ended = Counter(one.ended for one in self.tried)
        figures = [len(self.tried), sum(one.lost for one in self.tried), sum(one.doubled for one in self.tried)]
        figures += [ended[status] for status in ("completed", "failed", "cancelled")]
        return f"| {self.case.name} | {' | '.join(map(str, figures))} | {went_on(self.tried)} |"


def went_on(tried: Sequence[Tried]) -> str:
    """Seconds until it went on, in the middle and at worst."""
    seconds = [one.went_on for one in tried if one.went_on is not None]
    return f"{statistics.median(seconds):.1f} s ({max(seconds):.1f} s)" if seconds else ""


async def run(cases: Sequence[FaultCase], tries: int, jobs: int) -> list[Row]:
    """Try every case so often, so many side by side; what does not agree is told at once."""
    rows, places = [Row(case) for case in cases], asyncio.Semaphore(jobs)
    async with asyncio.TaskGroup() as group:
        for row in rows:
            times = 0 if row.case.skipped else min(tries, row.case.at_most)
            for number in range(times):
                group.create_task(_try(row, number, places))
    return rows


async def _try(row: Row, number: int, places: asyncio.Semaphore) -> None:
    async with places:
        with tempfile.TemporaryDirectory(prefix="autopilot-fault-", ignore_cleanup_errors=True) as folder:
            try:
                tried = await row.case.attempt(Path(folder), number)
            except TimeoutError:
                tried = Tried(LOST, wrong=("nothing happened any more",))
            except Exception as error:  # noqa: BLE001  what could not be looked at counts as lost; the others go on
                tried = Tried(LOST, wrong=(f"{type(error).__name__}: {error}",))
    row.tried.append(tried)
    trouble = f": {'; '.join(tried.wrong)}" if tried.wrong else ""
    sys.stderr.write(f"{row.case.name} [{number}] {tried.ended}, {tried.most_keys} keys{trouble}\n")
    sys.stderr.flush()


def table(parts: Mapping[str, Sequence[Row]], command: str) -> str:
    """The table, part by part, with what made it."""
    tried = [one for rows in parts.values() for row in rows for one in row.tried]
    started = [one.started for one in tried if one.started is not None]
    made = [f"Made on {datetime.now(UTC):%d %B %Y} by `{command}`: {len(tried)} tries."]
    if started:
        made += [f"A process was up {statistics.median(started):.1f} s after its start (worst: {max(started):.1f} s)."]
    lines = [" ".join(made)]
    for title, rows in parts.items():
        lines += ["", f"**{title}**", "", HEAD, RULE, *(row.line for row in rows)]
    return "\n".join(lines)


def written(document: str, made: str) -> str:
    """A document with this in the place of its table."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="word")
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    chosen = {
        title: [case for case in cases() if not given.words or any(word in case.name for word in given.words)]
        for title, cases in PARTS.items()
    }
    rows = asyncio.run(run([case for cases in chosen.values() for case in cases], given.tries, given.jobs))
    left = iter(rows)
    parts = {title: list(islice(left, len(cases))) for title, cases in chosen.items() if cases}
    made = table(parts, f"python -m tests.faults.table --tries {given.tries} --jobs {given.jobs}")
    sys.stdout.write(made + "\n")
    if given.write:
        given.write.write_text(written(given.write.read_text("utf-8"), made), "utf-8")
    sys.exit(0 if all(row.is_good for row in rows) else 1)


if __name__ == "__main__":
    main()
