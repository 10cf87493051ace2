"""What reached the shop: every request with its fields, what was typed, and which decoys were touched."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

TYPED = "/wp-includes/typed"  # where pages tell what is typed into which field
WATCH = (
    "addEventListener('input', event => { const field = event.composedPath()[0]; navigator.sendBeacon("
    f"'{TYPED}', JSON.stringify({{ name: field.name || field.id || '', value: String(field.value ?? '') }})); }}, true);"
)


@dataclass(frozen=True)
class Noted:
    """A request as it came, before anything was translated; `body` is what was sent, as text."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Typed:
    """Something was typed into a field, which has a name or an id, or neither."""

    page: str
    name: str
    value: str = field(repr=False)


@dataclass
class Witness:
    """Remembers all of it, in its order."""

    requests: list[Noted] = field(default_factory=list)
    typed: list[Typed] = field(default_factory=list)
    decoys: list[str] = field(default_factory=list)

    def note(self, request: Noted, decoys_at: str, page: str) -> None:
        """Take down one request, for what it is."""
        if request.path == TYPED:
            told = json.loads(request.body)
            self.typed.append(Typed(page, str(told["name"]), str(told["value"])))
        elif request.path.startswith(decoys_at):
            self.decoys.append(request.path.removeprefix(decoys_at))
            self.requests.append(request)
        else:
            self.requests.append(request)
