"""Where the signing key is: a file that its owner alone can read, and beside it what is known of the keys before it."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.security.append_only import AppendOnlyFile
from core.security.keys.key_providers import KEY_BYTES, BadKey, KeyFile, create_private, read_private
from core.security.keys.signing import BadSigningKey, PublicKey, SigningKey
from core.security.keys.succession import Succession, with_those_before


class SigningKeyProvider(Protocol):
    """Gives the signing key, and what tells whether an older signature is ours."""

    def make(self) -> None:
        """Have a key, if there is none. Raises BadSigningKey."""
        ...

    def signing_key(self) -> SigningKey:
        """The key; none is made. Raises BadSigningKey."""
        ...

    def successions(self) -> tuple[Succession, ...]:
        """How one key has followed the other. Raises BadSigningKey."""
        ...

    def known(self) -> dict[str, PublicKey]:
        """The public half of the key in use, which comes first, and of those before it, by their ids. Raises BadSigningKey."""
        ...


class SigningKeyFile:
    """A file that is made once, when nothing is signed yet; it is guarded as the vault's key file is. Each call reads it anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._former = AppendOnlyFile(path.with_name(f"{path.name}.former"), BadSigningKey)

    @property
    def is_there(self) -> bool:
        """Whether there is one already; whoever only verifies makes none."""
        return self.path.exists()

    def signing_key(self) -> SigningKey:
        """The key in the file. Raises BadSigningKey for a file that others could have read or changed, and for none.

        None is made here: whoever takes the file away would have all that follows signed by a key that nobody knows.
        """
        if not (self.is_there or self.path.is_symlink()):
            raise BadSigningKey(
                because=f"There is none at {self.path}. Bring it back: autopilot vault import-key FILE."
            )
        try:
            return SigningKey.of(read_private(self.path, KEY_BYTES + 1))
        except BadKey as error:
            raise BadSigningKey(because=error.because) from error

    def make(self) -> None:
        """Make the file, unless there is one; of two who begin at once, one makes it. Raises BadSigningKey."""
        _made(self.path)

    def successions(self) -> tuple[Succession, ...]:
        """How one key has followed the other here; what not both have signed is left out. Raises BadSigningKey."""
        lines = self._former.lines() if self._former.is_there else ()
        return tuple(found for _, line in lines if (found := Succession.in_line(line)))

    def known(self) -> dict[str, PublicKey]:
        """The public half of the key, and of those before it, by their ids. Raises BadSigningKey."""
        return with_those_before(self.signing_key().public, self.successions())

    def rotate(self, at: datetime) -> Succession:
        """Put a new key in the place of the one in use. Raises BadSigningKey.

        1. The new key is put down beside the old one: what was begun and interrupted goes on with it.
        2. That it follows is signed by both, and kept for good: before the old one is gone.
        3. The new one takes the place of the old one, in one move. Nobody has the old one's secret half any more.
        """
        coming, old = self.path.with_name(f"{self.path.name}.next"), self.signing_key()
        new = _made(coming)
        if new.public == old.public:
            raise BadSigningKey(because=f"{coming} holds the key that is in use; remove it.")
        done = Succession.signed(old, new, at)
        self._former.append([done.line])
        os.replace(coming, self.path)
        return done

    def restore(self, seed: bytes, lines: tuple[str, ...]) -> bool:
        """Put a key from a back-up here, with what is known of those before it; False if it is here already.

        Raises BadSigningKey, also if another one is here.
        """
        key, was_there = SigningKey.of(seed), self.is_there
        if not was_there:
            with suppress(FileExistsError):
                create_private(self.path, seed)
        if self.signing_key().public != key.public:
            raise BadSigningKey(because=f"{self.path} holds another; move it away first, if it is the wrong one.")
        have = {one.line for one in self.successions()}
        self._former.append(line for line in lines if line not in have)
        return not was_there


def _made(path: Path) -> SigningKey:
    """The key in a file, which is made if it is not there."""
    try:
        return SigningKey.of(KeyFile(path).master_key())
    except BadKey as error:
        raise BadSigningKey(because=error.because) from error
