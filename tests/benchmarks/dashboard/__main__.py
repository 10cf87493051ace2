"""How fast the dashboard is, in a real browser, beside an empty page in the same run.

    python -m tests.benchmarks.dashboard [step|first|gallery|memory|status ...]

`step`     from the commit of a step's end until it is on the screen, with one watcher and with fifty
`first`    the first page of a browser that was never here, beside an empty page
`gallery`  what of sixty pictures is fetched, and how long until those in view are drawn
`memory`   what a watcher keeps of the server's memory
`status`   two hundred requests a second

The statistics have a benchmark of their own: tests/benchmarks/statistics_rate.py.
"""

import argparse
import asyncio

from tests.benchmarks.dashboard import first_page, gallery, status_rate, step_to_screen, watcher_memory

PARTS = {
    "step": step_to_screen.measure,
    "first": first_page.measure,
    "gallery": gallery.measure,
    "memory": watcher_memory.measure,
    "status": status_rate.measure,
}


def main(parts: list[str]) -> None:
    """Measure these, one after the other."""
    for part in parts:
        asyncio.run(PARTS[part]())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all of them, if none is named")
    main(parser.parse_args().parts or list(PARTS))
