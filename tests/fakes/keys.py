"""Master keys and a signing key that are always the same."""

from hashlib import sha256

from core.security.keys.key_providers import NoSuchKey, key_id
from core.security.keys.signing import PublicKey, SigningKey, by_id
from core.security.keys.succession import Succession


class FixedKey:
    """A key made from a word, so that two words give two keys; further ones are made from the word and a number."""

    def __init__(self, word: str = "tests") -> None:
        self.word = word
        self.keys = [self._made(word)]

    def master_key(self) -> bytes:
        """32 bytes."""
        return self.keys[0]

    def known(self) -> dict[str, bytes]:
        """Every key that was made and not destroyed."""
        return {key_id(key): key for key in self.keys}

    def make_another(self) -> bytes:
        """The next one."""
        self.keys.append(self._made(f"{self.word} {len(self.keys)} {key_id(self.keys[-1])}"))
        return self.keys[-1]

    def destroy(self, doomed: str, successor: str) -> None:
        """Forget it."""
        if successor not in self.known():
            raise NoSuchKey(because=successor)
        self.keys = [key for key in self.keys if key_id(key) != doomed]

    def _made(self, word: str) -> bytes:
        return sha256(word.encode()).digest()


class FixedSigningKey:
    """The same for signatures."""

    def __init__(self, word: str = "tests sign") -> None:
        self._key = SigningKey.of(sha256(word.encode()).digest())

    def make(self) -> None:
        """It is there."""

    def signing_key(self) -> SigningKey:
        """The key."""
        return self._key

    def successions(self) -> tuple[Succession, ...]:
        """It is always the same."""
        return ()

    def known(self) -> dict[str, PublicKey]:
        """And the only one."""
        return by_id([self._key.public])
