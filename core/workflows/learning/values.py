"""What an expression of a test can be, as far as its text says: a text with slots, a page, a locator, or something unknown."""

from dataclasses import dataclass

from core.workflows.locator import Locator, Pattern


@dataclass(frozen=True)
class ThePage:
    """The page fixture."""


@dataclass(frozen=True)
class Unknown:
    """Something the text does not decide; `why` says what."""

    why: str


@dataclass(frozen=True)
class Found:
    """A locator, and its alternatives from `.or_()`, the recorded one first."""

    locator: Locator
    alternatives: tuple[Locator, ...] = ()


@dataclass(frozen=True)
class Visible:
    """Whether an element is visible at that moment; the one condition an agent can decide itself."""

    locator: Locator
    negated: bool = False


@dataclass(frozen=True)
class Expectation:
    """`expect(…)` of a locator, or of the page if there is none."""

    of: Found | None


Value = str | int | bool | None | Pattern | ThePage | Unknown | Found | Visible | Expectation
