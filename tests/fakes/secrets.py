"""Secrets of one run, by name, kept in the open as only a test may."""

from dataclasses import dataclass, field

from core.browser.secrets import FieldKind
from core.errors import NotFound
from core.security.origin import Origin


@dataclass(frozen=True)
class FakeSecret:
    """A secret bound to an origin and a kind of field."""

    origin: Origin
    kind: FieldKind
    text: str = field(repr=False)

    def reveal(self) -> str:
        return self.text


class FakeSecrets:
    """Gives what was put in, and remembers what was asked for."""

    def __init__(self) -> None:
        self.kept: dict[str, FakeSecret] = {}
        self.asked: list[str] = []

    def put(self, name: str, text: str, origin: Origin, kind: FieldKind = FieldKind.PASSWORD) -> None:
        self.kept[name] = FakeSecret(origin, kind, text)

    async def reveal(self, name: str) -> FakeSecret:
        self.asked.append(name)
        if name not in self.kept:
            raise NotFound(because=f"There is no secret {name}.")
        return self.kept[name]
