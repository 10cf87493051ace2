"""Where the hands get a secret from, at the last moment: a name goes in, a value bound to an origin comes out."""

from enum import StrEnum
from typing import Protocol

from core.security.origin import Origin


class FieldKind(StrEnum):
    """What kind of field a secret may be typed into."""

    PASSWORD = "password"  # noqa: S105  a kind of field, not a password
    USERNAME = "username"
    CODE = "code"


class LiveSecret(Protocol):
    """A secret that is about to be typed. Its repr never shows the value."""

    @property
    def origin(self) -> Origin:
        """The only origin it may be typed at."""
        ...

    @property
    def kind(self) -> FieldKind:
        """The kind of field it fits."""
        ...

    def reveal(self) -> str:
        """The value itself."""
        ...


class SecretSource(Protocol):
    """Gives the secrets of one run by their names."""

    async def reveal(self, name: str) -> LiveSecret:
        """The secret of that name. Raises NotFound or Refused."""
        ...
