"""The master keys of this process: each is read once, and all anew when one is met that is not known."""

from typing import ClassVar

from core.errors import CoreError
from core.security.keys.key_providers import KeyProvider


class UnknownKey(CoreError):
    """This was sealed with a master key that is not here."""

    code: ClassVar[str] = "unknown_key"


class KeyRing:
    """Keys by their ids. A key that somebody began to use meanwhile is found without a new start; any other is refused."""

    def __init__(self, keys: KeyProvider) -> None:
        self.provider = keys
        self._known: dict[str, bytes] = {}

    def key(self, key_id: str) -> bytes:
        """The key of that id. Raises UnknownKey, or BadKey for one that may not be used."""
        if key_id not in self._known:
            self._known = self.provider.known()
        try:
            return self._known[key_id]
        except KeyError:
            raise UnknownKey(because=f"It has the id {key_id}. Bring its file here, or its variable.") from None

    def holds(self, key_id: str) -> bool:
        """Whether that key is here. Raises BadKey."""
        try:
            self.key(key_id)
        except UnknownKey:
            return False
        return True

    def forget(self) -> None:
        """Read all anew the next time."""
        self._known = {}
