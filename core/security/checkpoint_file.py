"""The checkpoints' copy outside the database: a file that is only ever appended to, one JSON object a line.

A line is written after the commit of what it tells. So a crash in between leaves a file that lacks the newest, never one
that has what the database lacks; and the next round appends it.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol

from core.errors import CoreError
from core.security.checkpoint import ORIGIN, Checkpoint

OWNER_ONLY = 0o600


class NoCheckpointFile(CoreError):
    """The file of the checkpoints can't be used."""

    code: ClassVar[str] = "no_checkpoint_file"


@dataclass(frozen=True)
class Outside:
    """What a file holds: each customer's checkpoints as they stand there, and the lines that are none."""

    of_stream: Mapping[str, tuple[Checkpoint, ...]] = field(default_factory=dict)
    unreadable_lines: tuple[int, ...] = ()


class CheckpointCopy(Protocol):
    """Where checkpoints stand outside the database; it only grows."""

    @property
    def is_there(self) -> bool:
        """Whether anything was ever kept there."""
        ...

    def make(self) -> None:
        """Have it there. Raises NoCheckpointFile."""
        ...

    def append(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Add these, and return once they are safe. Raises NoCheckpointFile."""
        ...

    def read(self, stream: str | None = None) -> Outside:
        """All that is there, or all of one customer. Raises NoCheckpointFile."""
        ...


class CheckpointFile:
    """One file for all customers. Its folder belongs on another disk than the database, or on another machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def make(self) -> None:
        """Have it there, readable by its owner alone. Raises NoCheckpointFile."""
        with closing(self._open()):
            pass

    def append(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Add these, and return once they are on the disk. Raises NoCheckpointFile."""
        lines = "".join(f"{line_of(one)}\n" for one in checkpoints).encode()
        try:
            with closing(self._open()) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                _cut_torn_line(file)
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NoCheckpointFile(because=f"{self.path}: {error.strerror}.") from error

    def read(self, stream: str | None = None) -> Outside:
        """All that is there; or what names one customer, and then no line that names nobody is told of."""
        found: dict[str, list[Checkpoint]] = {}
        unreadable, named = [], (stream or "").encode()
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if not line.endswith(b"\n") or named not in line:  # what has no end is torn
                        continue
                    if (checkpoint := checkpoint_in(line)) is None:
                        unreadable.append(number)
                    else:
                        found.setdefault(checkpoint.stream, []).append(checkpoint)
        except OSError as error:
            raise NoCheckpointFile(because=f"{self.path}: {error.strerror}.") from error
        return Outside({one: tuple(ones) for one, ones in found.items()}, tuple(unreadable))

    def _open(self) -> BinaryIO:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self.path, flags, OWNER_ONLY)
        except OSError as error:
            raise NoCheckpointFile(because=f"{self.path}: {error.strerror}.") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NoCheckpointFile(because=f"{self.path} is not a plain file.")
        return os.fdopen(descriptor, "a+b", buffering=0)


def line_of(checkpoint: Checkpoint) -> str:
    """A checkpoint as a line of the file, and of an export."""
    return json.dumps(
        {
            "number": checkpoint.number,
            "text": checkpoint.text,
            "key": checkpoint.key_id,
            "signature": checkpoint.signature,
        }
    )


def checkpoint_in(line: bytes) -> Checkpoint | None:
    """The checkpoint in a line; None if it holds none."""
    try:
        told = json.loads(line)
        origin, stream, seq, entry_hash, at, previous, end = told["text"].split("\n")
        number, key_id, signature = int(told["number"]), str(told["key"]), str(told["signature"])
        found = Checkpoint(number, stream, int(seq), entry_hash, at, previous, key_id, signature)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if origin == ORIGIN and not end and found.text == told["text"] else None


def _cut_torn_line(file: BinaryIO) -> None:
    """Drop what a crash has left of a line: the database has that checkpoint still, and it is about to be added."""
    whole = file.seek(0, os.SEEK_END)
    kept = whole
    while kept:
        start = max(0, kept - 4096)
        file.seek(start)
        if (at := file.read(kept - start).rfind(b"\n")) >= 0:
            kept = start + at + 1
            break
        kept = start
    if kept < whole:
        with suppress(PermissionError):  # a file that the system lets grow only: the line stays, and is told of
            file.truncate(kept)
