"""A file that a command writes is there once all of it is written, and never in the place of another."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO, ClassVar

from core.errors import CoreError


class CannotWrite(CoreError):
    """The file can't be written."""

    code: ClassVar[str] = "cannot_write"


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """What to write to, for its owner alone; what fails in between leaves nothing. Raises CannotWrite."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()
    except OSError as error:
        raise CannotWrite(because=f"{path}: {error.strerror or error}.") from error
