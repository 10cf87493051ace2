"""A copy of the checkpoints in memory, as long as a test lasts."""

from collections.abc import Iterable

from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoint_file import NoCheckpointFile, Outside
from core.security.keys.succession import Succession


class MemoryCheckpoints:
    """Behaves like the file, also when it can't be written: then `full` says so."""

    def __init__(self) -> None:
        self.kept: list[Checkpoint] = []
        self.successions: list[Succession] = []
        self.full = False

    @property
    def is_there(self) -> bool:
        return bool(self.kept)

    def make(self) -> None:
        if self.full:
            raise NoCheckpointFile(because="The disk is full.")

    def append(self, checkpoints: Iterable[Checkpoint]) -> None:
        self.make()
        self.kept += checkpoints

    def note(self, successions: Iterable[Succession]) -> None:
        self.make()
        self.successions += (one for one in successions if one not in self.successions)

    def read(self, stream: str | None = None) -> Outside:
        streams = {one.stream for one in self.kept if stream in {None, one.stream}}
        return Outside(
            {name: tuple(one for one in self.kept if one.stream == name) for name in streams},
            (),
            tuple(self.successions),
        )
