"""A master key that is always the same."""

from hashlib import sha256


class FixedKey:
    """A key made from a word, so that two words give two keys."""

    def __init__(self, word: str = "tests") -> None:
        self._key = sha256(word.encode()).digest()

    def master_key(self) -> bytes:
        """32 bytes."""
        return self._key
