"""Where the master key comes from. It is never stored beside what it seals."""

import os
import stat
import string
from base64 import b64decode
from itertools import pairwise
from pathlib import Path
from secrets import token_hex
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import CoreError

KEY_BYTES = 32
FEWEST_DISTINCT = 16  # distinct bytes; a random key of 32 bytes practically never has fewer


class BadKey(CoreError):
    """The master key can't be used."""

    code: ClassVar[str] = "bad_key"


class KeyOpenToOthers(BadKey):
    """The master key can't be used."""


class KeyProvider(Protocol):
    """Gives the master key."""

    def master_key(self) -> bytes:
        """32 bytes. Raises BadKey."""
        ...


class KeyFile:
    """A file that its owner alone can read; made on first use, by one process even if two begin at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def master_key(self) -> bytes:
        """The key in the file. Raises BadKey for a file that others could have read or changed."""
        try:
            self._create()
        except FileExistsError:
            pass
        except OSError as error:
            raise BadKey(because=f"{self._path} can't be made: {error.strerror}.") from error
        return self._load()

    def _create(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written whole under a name of its own and linked: whoever else begins sees no key or all of it.
        draft = self._path.with_name(f".{self._path.name}.{token_hex(8)}")
        if self._path.exists() or self._path.is_symlink():
            raise FileExistsError(self._path)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._path)
        finally:
            draft.unlink()

    def _load(self) -> bytes:
        try:
            # Not waiting: a pipe would never open.
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise BadKey(because=f"{self._path} can't be opened, or is a link: {error.strerror}.") from error
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise BadKey(because=f"{self._path} is not a plain file.")
            if status.st_uid != os.geteuid():
                raise BadKey(because=f"{self._path} belongs to somebody else.")
            if status.st_mode & 0o077:
                raise KeyOpenToOthers(
                    because=f"{self._path} can be read by others. Mend it with: chmod 600 {self._path}"
                )
            return checked(os.read(descriptor, KEY_BYTES + 1))
        finally:
            os.close(descriptor)


class KeyFromText:
    """A key given as base64 text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def master_key(self) -> bytes:
        """The key. Raises BadKey."""
        try:
            return checked(b64decode(self._text, validate=True))
        except ValueError:  # also for what is not ASCII
            raise BadKey(because="ENCRYPTION_KEY is not base64.") from None


def checked(key: bytes) -> bytes:
    """The key, if it could be a random one. Raises BadKey."""
    if len(key) != KEY_BYTES:
        raise BadKey(because=f"It has to be {KEY_BYTES} bytes long.")
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    printable = all(chr(byte) in string.printable for byte in key)
    if len(set(key)) < FEWEST_DISTINCT or len(steps) == 1 or printable:
        raise BadKey(because="It is not random.")
    return key


def key_id(master: bytes) -> str:
    """Eight bytes, as hex, that tell keys apart and say nothing of them."""
    return HKDF(SHA256(), length=8, salt=None, info=b"autopilot/kid").derive(master).hex()


def wrapping_key(master: bytes) -> bytes:
    """The key that wraps customers' data keys."""
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=b"autopilot/kek/v1").derive(master)
