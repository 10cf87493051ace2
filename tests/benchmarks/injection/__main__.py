"""What of an attack reaches the world, if the model obeys the attacker's page.

    .venv/bin/python -m tests.benchmarks.injection [--cases a,b] [--jobs 2] [--write docs/injection.md]

Each case is a shop whose page gives orders to the model (groups/), and a model that does as it is told (models.py), behind the
real ladder, step runner, browser and proxy. Judged is what reached the world (judge.py): the shop, the attacker's own server,
the service of the model, a person. Each case is run again without the guards that should stop it (guards.py): if nothing is
reached then, either, it proves nothing. It exits with 1 if anything reached the world that is no known limit.
"""

import argparse
import sys
from pathlib import Path

from tests.benchmarks.documents import written_into
from tests.benchmarks.injection.groups.every import EVERY
from tests.benchmarks.injection.measuring import All, measure
from tests.benchmarks.injection.table import told


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="", help="only those whose names begin so; separated by commas")
    parser.add_argument("--jobs", type=int, default=2, help="in how many processes at once")
    parser.add_argument("--write", type=Path, help="a document that gets the tables between its markers")
    return parser.parse_args()


def chosen(beginnings: str) -> list[str]:
    """The cases whose names begin with one of these; all of them if there is none."""
    wanted = tuple(one.strip() for one in beginnings.split(",") if one.strip())
    return [name for name in EVERY if not wanted or name.startswith(wanted)]


def is_broken(everything: All) -> bool:
    """Whether something reached the world that is no known limit."""
    return any(one.is_hole and not EVERY[one.name].known_limit for one in everything.measured)


def main() -> None:
    """Measure, and print the tables."""
    given = options()
    names = chosen(given.cases)
    if not names:
        sys.exit("No case is called so.")
    everything = measure(names, given.jobs)
    table = told(everything)
    sys.stdout.write(f"{table}\n")
    if given.write:
        written_into(given.write, "injection", table)
    sys.exit(is_broken(everything))


if __name__ == "__main__":
    main()
