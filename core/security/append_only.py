"""A file that is only ever appended to, a line at a time: what has to outlive the database stands in one."""

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from core.errors import CoreError

OWNER_ONLY = 0o600
LOOKED_AT = 4096  # bytes at a time, from the end, for where the last line ends


class AppendOnlyFile:
    """Lines, readable by their owner alone. What a crash has left of a line is no line, and makes room for the next.

    What keeps it from being used is raised as `refusal`, in the words of whoever keeps something there.
    """

    def __init__(self, path: Path, refusal: type[CoreError]) -> None:
        self.path = path
        self._refusal = refusal

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def make(self) -> None:
        """Have it there."""
        with closing(self._open()):
            pass

    def append(self, lines: Iterable[str]) -> None:
        """Add all of these, and return once they are on the disk; or none, as far as the system lets them be taken back."""
        content = "".join(f"{line}\n" for line in lines).encode()
        try:
            with closing(self._open()) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                _cut_torn_line(file)
                _write_whole(file, content)
        except OSError as error:
            raise self._refusal(because=f"{self.path}: {error.strerror}.") from error

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every whole line with its number, from 1 on, and without its end."""
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith(b"\n"):
                        yield number, line[:-1]
        except OSError as error:
            raise self._refusal(because=f"{self.path}: {error.strerror}.") from error

    def _open(self) -> BinaryIO:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self.path, flags, OWNER_ONLY)
        except OSError as error:
            raise self._refusal(because=f"{self.path}: {error.strerror}.") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise self._refusal(because=f"{self.path} is not a plain file.")
        return os.fdopen(descriptor, "a+b", buffering=0)


def _write_whole(file: BinaryIO, content: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part, and says so by a number alone."""
    before, rest = file.seek(0, os.SEEK_END), memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        with suppress(PermissionError):  # a file that the system lets grow only: whoever comes next cuts the torn line
            file.truncate(before)
        raise


def _cut_torn_line(file: BinaryIO) -> None:
    whole = kept = file.seek(0, os.SEEK_END)
    while kept:
        start = max(0, kept - LOOKED_AT)
        file.seek(start)
        if (at := file.read(kept - start).rfind(b"\n")) >= 0:
            kept = start + at + 1
            break
        kept = start
    if kept < whole:
        with suppress(PermissionError):  # a file that the system lets grow only: the line stays, and is told of
            file.truncate(kept)
