"""A text that nobody sees by accident."""

from hmac import compare_digest
from typing import NoReturn

MASK = "•••"
LONGEST_SECRET = 4096  # characters; no key is longer


class Secret:
    """Holds a secret text. Printing, formatting, comparing by hash, copying and pickling show or take nothing of it."""

    __slots__ = ("__text",)
    __hash__ = None  # type: ignore[assignment]  # a secret in a set or a dict key would be compared by its text

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The text itself; the only way out, to be called at the last moment."""
        return self.__text

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self.__text.encode(), other.__text.encode())

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")
