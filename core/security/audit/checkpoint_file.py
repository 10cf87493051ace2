"""The checkpoints' copy outside the database: a file that is only ever appended to, one JSON object a line.

A line is written after the commit of what it tells. So a crash in between leaves a file that lacks the newest, never one
that has what the database lacks; and the next round appends it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol
from uuid import UUID

from core.errors import CoreError
from core.security.append_only import AppendOnlyFile
from core.security.audit.checkpoint import ORIGIN, Checkpoint
from core.security.keys.succession import Succession


class NoCheckpointFile(CoreError):
    """The file of the checkpoints can't be used."""

    code: ClassVar[str] = "no_checkpoint_file"


@dataclass(frozen=True)
class Outside:
    """What a file holds: each customer's checkpoints as they stand there, the lines that are none, and which key followed which."""

    of_stream: Mapping[str, tuple[Checkpoint, ...]] = field(default_factory=dict)
    unreadable_lines: tuple[int, ...] = ()
    successions: tuple[Succession, ...] = ()


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

    def note(self, successions: Iterable[Succession]) -> None:
        """Add those of these that are not there. Raises NoCheckpointFile."""
        ...

    def read(self, stream: str | None = None) -> Outside:
        """All that is there, or all of one customer. Raises NoCheckpointFile."""
        ...


class CheckpointFile:
    """One file for all customers. Its folder belongs on another disk than the database, or on another machine."""

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, NoCheckpointFile)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._file.path

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self._file.is_there

    def make(self) -> None:
        """Have it there, readable by its owner alone. Raises NoCheckpointFile."""
        self._file.make()

    def append(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Add these, and return once they are on the disk. Raises NoCheckpointFile.

        What a crash has left of a line goes: the database has that checkpoint still, and it is about to be added.
        """
        self._file.append(line_of(one) for one in checkpoints)

    def note(self, successions: Iterable[Succession]) -> None:
        """Add those of these that are not there."""
        if wanted := {one.line: None for one in successions}:  # in their order
            have = {line.decode(errors="replace") for _, line in self._file.lines()} if self.is_there else set()
            self._file.append(line for line in wanted if line not in have)

    def read(self, stream: str | None = None) -> Outside:
        """All that is there; or what names one customer, and then no line that names nobody is told of."""
        found: dict[str, list[Checkpoint]] = {}
        unreadable, successions, named = [], [], (stream or "").encode()
        for number, line in self._file.lines():
            if named not in line:
                continue
            if checkpoint := checkpoint_in(line):
                found.setdefault(checkpoint.stream, []).append(checkpoint)
            elif succession := Succession.in_line(line):
                successions.append(succession)
            else:
                unreadable.append(number)
        of_stream = {one: tuple(ones) for one, ones in found.items()}
        return Outside(of_stream, tuple(unreadable), tuple(successions))


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
        customer = UUID(stream)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    is_whole = origin == ORIGIN and not end and found.text == told["text"]
    return found if is_whole and str(customer) == stream else None
