"""What a process and all that it has started use: memory, watched while something happens."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

EVERY = 0.2  # seconds between two looks


def family(pids: list[int]) -> Iterator[int]:
    """These processes, and all that stem from them."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    left = list(pids)
    while left:
        pid = left.pop()
        yield pid
        left += parents.get(pid, [])


def memory_of(pids: list[int]) -> int:
    """Bytes that these and all that stem from them have for themselves: what they share is counted by its share."""
    return sum(own_memory(pid) for pid in family(pids))


def own_memory(pid: int) -> int:
    """Bytes of one process alone; none of one that has ended meanwhile."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024


class Memory:
    """The most memory that these processes have while the context lasts, in bytes."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.most = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.most = max(self.most, memory_of(self._pids))
