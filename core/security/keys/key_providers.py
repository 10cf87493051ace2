"""Where the master keys come from. They are never stored beside what they seal."""

import os
import re
import stat
import string
from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from secrets import token_hex
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import CoreError

KEY_BYTES = 32
FEWEST_DISTINCT = 16  # distinct bytes; a random key of 32 bytes practically never has fewer
KEY_ID_BYTES = 8
ASIDE = re.compile(rf"\.[0-9a-f]{{{2 * KEY_ID_BYTES}}}")  # what the name of a further key's file ends with: its id

# Keys that stand in print: the one of NIST SP 800-38A (also of our golden envelopes), and what people make of a word.
PRINTED = frozenset({"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"})
WORDS = (
    "", "admin", "autopilot", "changeme", "default", "demo", "encryption", "encryption_key", "hello", "key",
    "letmein", "master", "master key", "omniops", "passphrase", "password", "secret", "test", "tests", "vault",
)  # fmt: skip
KNOWN = PRINTED | {sha256(word.encode()).hexdigest() for word in WORDS}


HOW_TO_ADD = (
    "Give every process a new key as ENCRYPTION_KEY_NEXT (head -c 32 /dev/urandom | base64), start them anew, "
    "and begin again."
)
HOW_TO_REMOVE = "Give every process the new key as ENCRYPTION_KEY, without ENCRYPTION_KEY_NEXT, and do this again."


class BadKey(CoreError):
    """The master key can't be used."""

    code: ClassVar[str] = "bad_key"


class KeyOpenToOthers(BadKey):
    """The master key can't be used."""


class NoSuchKey(CoreError):
    """This master key is not here."""

    code: ClassVar[str] = "no_such_key"


class KeyNotOurs(CoreError):
    """This has to be done where the keys come from."""

    code: ClassVar[str] = "key_not_ours"


class KeyProvider(Protocol):
    """Gives the master keys. Which of them wraps what is new is said by the database."""

    def master_key(self) -> bytes:
        """The key of an installation that has but one: 32 bytes; made if there is none. Raises BadKey."""
        ...

    def known(self) -> dict[str, bytes]:
        """Every key that is here, by its id, read anew; nothing is made. Raises BadKey."""
        ...

    def make_another(self) -> bytes:
        """A new key beside those that are here. Raises KeyNotOurs where keys are given to us, and BadKey."""
        ...

    def destroy(self, doomed: str, successor: str) -> None:
        """See to it that a key is not here any more; its successor is. Raises NoSuchKey, KeyNotOurs or BadKey."""
        ...


class KeyFile:
    """A file that its owner alone can read; made on first use, by one process even if two begin at once.

    Further keys stand beside it, each in a file of its own with the same protections, named after the key's id.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def master_key(self) -> bytes:
        """The key in the file. Raises BadKey for a file that others could have read or changed."""
        self._make(self._path, os.urandom(KEY_BYTES))
        return self._load(self._path)

    def known(self) -> dict[str, bytes]:
        """The key in the file, and those beside it. Raises BadKey for any that others could have read or changed."""
        here = [path for path in (self._path, *self._beside()) if path.exists() or path.is_symlink()]
        found = {path: self._load(path) for path in here}
        for path, key in found.items():
            if path != self._path and path != self._aside(key_id(key)):
                raise BadKey(because=f"{path} holds another key than its name says.")
        return {key_id(key): key for key in found.values()}

    def make_another(self) -> bytes:
        """A new key in a file beside the first."""
        key = os.urandom(KEY_BYTES)
        self.put_aside(key)
        return key

    def put_aside(self, key: bytes) -> None:
        """Keep a key in a file beside the first."""
        self._make(self._aside(key_id(checked(key))), key)

    def destroy(self, doomed: str, successor: str) -> None:
        """Remove a key's file; if it is the first, its successor's takes its place in one move."""
        if successor not in self.known():
            raise NoSuchKey(because=f"{successor}, which is to stay, is not here.")
        if self._path.exists() and key_id(self._load(self._path)) == doomed:
            os.replace(self._aside(successor), self._path)
        self._aside(doomed).unlink(missing_ok=True)
        _sync(self._path.parent)

    def _beside(self) -> Sequence[Path]:
        name = self._path.name
        return sorted(
            path for path in self._path.parent.glob(f"{name}.*") if ASIDE.fullmatch(path.name.removeprefix(name))
        )

    def _aside(self, its_id: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{its_id}")

    def _make(self, path: Path, key: bytes) -> None:
        """Make a file of a key, unless there is one."""
        try:
            create_private(path, key)
        except FileExistsError:
            pass
        except OSError as error:
            raise BadKey(because=f"{path} can't be made: {error.strerror}.") from error

    def _load(self, path: Path) -> bytes:
        return checked(read_private(path, KEY_BYTES + 1))


class KeyFromText:
    """A key given as base64 text; while keys are changed, a second one."""

    def __init__(self, text: str, coming: str | None = None) -> None:
        self._text = text
        self._coming = coming

    def master_key(self) -> bytes:
        """The key. Raises BadKey."""
        return _read("ENCRYPTION_KEY", self._text)

    def known(self) -> dict[str, bytes]:
        """The one key, or both. Raises BadKey."""
        keys = [self.master_key()]
        if self._coming:
            keys.append(_read("ENCRYPTION_KEY_NEXT", self._coming))
        return {key_id(key): key for key in keys}

    def make_another(self) -> bytes:
        """Nothing can be put into the environment of all processes from here."""
        raise KeyNotOurs(because=HOW_TO_ADD)

    def destroy(self, doomed: str, successor: str) -> None:
        """Return if the key is not given any more, and its successor is."""
        known = self.known()
        if doomed in known:
            raise KeyNotOurs(because=HOW_TO_REMOVE)
        if successor not in known:
            raise NoSuchKey(because=f"{successor}, which is to stay, is not here.")


def _read(variable: str, text: str) -> bytes:
    try:
        return checked(b64decode(text, validate=True))
    except ValueError:  # also for what is not ASCII
        raise BadKey(because=f"{variable} is not base64.") from None


def create_private(path: Path, content: bytes) -> None:
    """Make a file that its owner alone can read. Raises FileExistsError, also for a link, or another OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written whole under a name of its own and linked: whoever else begins sees no file or all of it.
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    if path.exists() or path.is_symlink():
        raise FileExistsError(path)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    _sync(path.parent)


def read_private(path: Path, most: int) -> bytes:
    """At most so many bytes of a file that its owner alone can read. Raises BadKey for any other file."""
    try:
        # Not waiting: a pipe would never open.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BadKey(because=f"{path} can't be opened, or is a link: {error.strerror}.") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BadKey(because=f"{path} is not a plain file.")
        if status.st_uid != os.geteuid():
            raise BadKey(because=f"{path} belongs to somebody else.")
        if status.st_mode & 0o077:
            raise KeyOpenToOthers(because=f"{path} can be read by others. Mend it with: chmod 600 {path}")
        return os.read(descriptor, most)
    finally:
        os.close(descriptor)


def checked(key: bytes) -> bytes:
    """The key, if it could be a random one that nobody else knows. Raises BadKey."""
    if len(key) != KEY_BYTES:
        raise BadKey(because=f"It has to be {KEY_BYTES} bytes long.")
    steps = {(b - a) % 256 for a, b in pairwise(key)}
    printable = all(chr(byte) in string.printable for byte in key)
    repeats = key[: KEY_BYTES // 2] == key[KEY_BYTES // 2 :]
    if len(set(key)) < FEWEST_DISTINCT or len(steps) == 1 or printable or repeats:
        raise BadKey(because="It is not random.")
    if key.hex() in KNOWN:
        raise BadKey(because="It stands in examples, or was made of a word: others know it.")
    return key


def key_id(master: bytes) -> str:
    """Eight bytes, as hex, that tell keys apart and say nothing of them."""
    return HKDF(SHA256(), length=KEY_ID_BYTES, salt=None, info=b"autopilot/kid").derive(master).hex()


def wrapping_key(master: bytes) -> bytes:
    """The key that wraps customers' data keys."""
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=b"autopilot/kek/v1").derive(master)


def _sync(folder: Path) -> None:
    """Have a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
