"""A master key and a signing key that are always the same."""

from hashlib import sha256

from core.security.signing import SigningKey


class FixedKey:
    """A key made from a word, so that two words give two keys."""

    def __init__(self, word: str = "tests") -> None:
        self._key = sha256(word.encode()).digest()

    def master_key(self) -> bytes:
        """32 bytes."""
        return self._key


class FixedSigningKey:
    """The same for signatures."""

    def __init__(self, word: str = "tests sign") -> None:
        self._key = SigningKey.of(sha256(word.encode()).digest())

    def signing_key(self) -> SigningKey:
        """The key."""
        return self._key
