"""One kind of change to the shop: what it does to pages, addresses, names and requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.practice_shop.faults import Fault
from tests.benchmarks.drift.pages import Asked, Page


def _unchanged(page: Page) -> None:
    """Leave the page as it is."""


def _as_asked(asked: Asked) -> Asked:
    return asked


def _no_objection(asked: Asked) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """A kind of change, and a sentence on it.

    `change` is done to every page on the way; `faults` are switched on in the shop itself. `renamed` are ids and classes,
    wherever they stand: in pages, styles and scripts; `styles` are parts of the style sheet, old to new. `beneath` says what the shop is asked instead of what its changed
    pages ask. `moved` are parts of addresses, old to new, in what goes out. `objection` is why a key form that was sent
    won't do. `texts` is what the shop says otherwise when it answers the form. `password_field` is the name under which
    the sign-in page sends the password.
    """

    slug: str
    words: str
    change: Callable[[Page], None] = _unchanged
    faults: tuple[Fault, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    beneath: Callable[[Asked], Asked] = _as_asked
    moved: Mapping[str, str] = field(default_factory=dict)
    objection: Callable[[Asked], str] = _no_objection
    texts: Mapping[str, str] = field(default_factory=dict)
    password_field: str = "pwd"
