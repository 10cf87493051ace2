"""How a step names an element: a chain of links, each one way of looking, in Playwright's terms; JSON and back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class By(StrEnum):
    """One way of looking for an element, or of narrowing what was found."""

    ROLE = "role"
    LABEL = "label"
    TEXT = "text"
    PLACEHOLDER = "placeholder"
    TEST_ID = "testid"
    ALT = "alt"
    TITLE = "title"
    CSS = "css"
    XPATH = "xpath"
    FRAME = "frame"
    HAS_TEXT = "hasText"
    HAS_NOT_TEXT = "hasNotText"
    HAS = "has"
    HAS_NOT = "hasNot"
    NTH = "nth"
    OR = "or"
    AND = "and"
    VISIBLE = "visible"


CHAINED = frozenset({By.HAS, By.HAS_NOT, By.OR, By.AND})


@dataclass(frozen=True)
class Pattern:
    """A regular expression over an element's text or name; flags as in JavaScript ("i", "m", "s")."""

    re: str
    flags: str = ""

    def to_json(self) -> dict[str, str]:
        return {"re": self.re, "flags": self.flags}


Text = str | Pattern


@dataclass(frozen=True)
class Link:
    """One link of a chain. `value` is a text, a pattern, an index (nth; -1 is the last), a flag, or an inner chain."""

    by: By
    value: "Text | int | bool | Locator"
    name: Text | None = None
    exact: bool = False
    options: tuple[tuple[str, bool | int | str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        inner = self.value.to_json() if isinstance(self.value, Pattern | Locator) else self.value
        link: dict[str, Any] = {self.by.value: inner}
        if self.name is not None:
            link["name"] = self.name.to_json() if isinstance(self.name, Pattern) else self.name
        if self.exact:
            link["exact"] = True
        return link | dict(self.options)

    @classmethod
    def from_json(cls, link: dict[str, Any]) -> Self:
        by = next(by for by in By if by.value in link)
        rest = {k: v for k, v in link.items() if k not in {by.value, "name", "exact"}}
        value = Locator.from_json(link[by.value]) if by in CHAINED else _text(link[by.value])
        name = _text(link["name"]) if "name" in link else None
        return cls(by, value, name, bool(link.get("exact", False)), tuple(sorted(rest.items())))


@dataclass(frozen=True)
class Locator:
    """A chain of links, read from left to right; never empty."""

    links: tuple[Link, ...]

    def to_json(self) -> list[dict[str, Any]]:
        return [link.to_json() for link in self.links]

    @classmethod
    def from_json(cls, chain: list[dict[str, Any]]) -> Self:
        return cls(tuple(Link.from_json(link) for link in chain))

    @classmethod
    def css(cls, selector: str) -> Self:
        return cls((Link(By.CSS, selector),))


def _text(value: Any) -> Any:
    return Pattern(value["re"], value.get("flags", "")) if isinstance(value, dict) else value
