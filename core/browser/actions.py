"""The closed set of what can be done to a page. There is no script, no download and no address outside the shop."""

from dataclasses import dataclass
from enum import StrEnum

from core.security.secret import Secret
from core.workflows.locator import Locator


class Key(StrEnum):
    """The only keys that are ever pressed."""

    ENTER = "Enter"
    TAB = "Tab"
    ESCAPE = "Escape"


@dataclass(frozen=True)
class Open:
    """Go to an address of the shop. The façade refuses any other origin."""

    address: str


@dataclass(frozen=True)
class Reload:
    """Load the page anew."""


@dataclass(frozen=True)
class Click:
    """Click the one element found; if that `accepts_dialog`, the first question it leads to is agreed to."""

    target: Locator
    accepts_dialog: bool = False


@dataclass(frozen=True)
class Hover:
    """Move the pointer over the one element found."""

    target: Locator


@dataclass(frozen=True)
class Fill:
    """Type plain text into a field."""

    target: Locator
    text: str


@dataclass(frozen=True)
class FillSecret:
    """Type a secret, known here only by its name, into a field of its own origin."""

    target: Locator
    secret: str


@dataclass(frozen=True)
class FillOnce:
    """Type what a person has just said, which nobody else need see; it is covered wherever it shows from then on."""

    target: Locator
    said: Secret


@dataclass(frozen=True)
class Select:
    """Choose an option, by its value or its label."""

    target: Locator
    option: str


@dataclass(frozen=True)
class SetChecked:
    """Tick or untick a box."""

    target: Locator
    checked: bool


@dataclass(frozen=True)
class Press:
    """Press a key while a field has the focus; if that `accepts_dialog`, the first question it leads to is agreed to."""

    target: Locator
    key: Key
    accepts_dialog: bool = False


@dataclass(frozen=True)
class Capture:
    """Read what a field or an element shows; a secret is known by its name from then on."""

    target: Locator
    into: str
    secret: bool = False


Action = Open | Reload | Click | Hover | Fill | FillSecret | FillOnce | Select | SetChecked | Press | Capture
