"""What trust costs: each promise beside the same work without it, alternating in one run.

    .venv/bin/python -m tests.benchmarks.trust [rows|vault|audit ...] [--rounds 15]

`rows`   row-level security on PostgreSQL against a plain WHERE, on a million rows of which a tenth is one customer's
`vault`  sealing and opening a secret against bare AES-256-GCM
`audit`  appending to the chain against a plain insert, and verifying it against hashing the same bytes

Each line gives the median of both and the median of their ratios, round by round. It exits with 1 if a limit is passed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.benchmarks.trust_audit import audit_contests
from tests.benchmarks.trust_rows import rows_contests
from tests.benchmarks.trust_vault import vault_contests
from tests.benchmarks.versus import Contest

PARTS: dict[str, Callable[[], Iterable[Contest]]] = {
    "rows": rows_contests,
    "vault": vault_contests,
    "audit": audit_contests,
}


@dataclass(frozen=True)
class Measured:
    """What came out: seconds for one of ours and one of the plain, and how often ours takes the other's time."""

    ours: float
    plain: float
    ratio: float


def measured(contest: Contest, rounds: int) -> Measured:
    """Both by turns, each as often as it says in a round; the first round of all warms up and is not counted."""
    pairs = [
        (seconds_of(contest.ours, contest.times), seconds_of(contest.plain, contest.times)) for _ in range(rounds + 1)
    ]
    ours, plain = zip(*pairs[1:], strict=True)
    ratio = statistics.median(one / other for one, other in pairs[1:])
    return Measured(statistics.median(ours), statistics.median(plain), ratio)


def seconds_of(work: Callable[[], object], times: int) -> float:
    """Seconds that one takes, over so many."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def told(contest: Contest, found: Measured) -> str:
    """A line of the table."""
    limit = f"≤ {contest.highest:g}" if contest.highest else ""
    figures = f"{found.ours * 1e6:12,.1f} {found.plain * 1e6:12,.1f} {found.ratio:8.2f}"
    return f"{contest.name:<58} {figures}  {limit:<7}{contest.more(found.ours)}"


def run(parts: Iterable[str], rounds: int) -> Iterator[bool]:
    """Measure and print; for each contest, whether it kept its limit."""
    sys.stdout.write(f"{'':<58} {'ours µs':>12} {'plain µs':>12} {'ratio':>8}  limit\n")
    for part in parts:
        for contest in PARTS[part]():
            found = measured(contest, rounds)
            sys.stdout.write(told(contest, found) + "\n")
            sys.stdout.flush()
            yield not contest.highest or found.ratio <= contest.highest


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    sys.exit(0 if all(list(run(asked.parts or PARTS, asked.rounds))) else 1)


if __name__ == "__main__":
    main()
