"""Keeps secrets out of what is learnt: each becomes a parameter, and every text of a step passes here before it is kept."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import partial
from typing import Any

from core.spans import merged
from core.workflows.learning.secret_signs import (
    QUERY,
    TOLD,
    USERINFO,
    kind_of_secret,
    names_a_secret,
    names_a_secret_in_a_query,
    shapes_in,
)
from core.workflows.learning.sentences import in_words
from core.workflows.learning.source_code import LEFT_OUT
from core.workflows.learning.values import Value
from core.workflows.locator import Pattern
from core.workflows.step import ActionKind, Resolution, TaskStep

SLOT = re.compile(r"\{\{[^{}]*\}\}")
SHORTEST = 4  # characters of a secret that is looked for wherever it may stand: “123” stands in too many places
SHORTEST_INSIDE = 6  # characters of one that is looked for inside other words too
# Anybody's first guess: dropped where it is typed, but not looked for in other texts, where it is a word like any other.
GUESSES = frozenset({"admin", "administrator", "root", "user", "username", "test", "guest", "demo", "customer"})
ACTED_ON = frozenset({"locator", "alternatives", "value", "checks", "controls"})
IDENTIFIERS = frozenset({"order", "action", "resolution", "intent_source", "at", "output", "via"})
VALUE_IN_WORDS = frozenset({ActionKind.ASSERT, ActionKind.API, ActionKind.SCRIPT, ActionKind.OPAQUE})

StandIn = Callable[[str, str], str]  # from a literal and the kind of secret it is to what stands in its place


class Secrets:
    """The secrets of one test: which parameter stands for which literal.

    `known` are the literals that are known to be secrets, with their kind; all tests that are learnt together share it.
    """

    def __init__(self, taken: Iterable[str], known: dict[str, str]) -> None:
        self._taken = set(taken)
        self._known = known
        self._slots: dict[str, str] = {}
        self._parameters: set[str] = set()

    def is_secret(self, parameter: str) -> bool:
        """Whether a parameter of this name is one that nobody may see."""
        return parameter in self._parameters or names_a_secret(parameter)

    def named(self, name: str, value: Value) -> Value:
        """The value of a variable; if it is named like a secret, the parameter that stands for it."""
        if not names_a_secret(name) or isinstance(value, bool) or not isinstance(value, str | int):
            return value
        return self.typed(str(value), name.casefold())

    def typed(self, value: str | Pattern, name: str) -> str:
        """What stands where a secret is typed: one parameter, whatever the test has there."""
        text = value.re if isinstance(value, Pattern) else value
        if not SLOT.fullmatch(text):
            return self._slot(text, name) if text else text
        self._parameters.add(text[2:-2].strip())
        return text

    def without(self, step: TaskStep) -> TaskStep:
        """The step with every text of it cleaned. What it does gets parameters; what it says is said anew from that."""
        acted_on = ACTED_ON - ({"value"} if step.action in VALUE_IN_WORDS else set())
        cleaned = replace(step, **{name: _mapped(getattr(step, name), self._acted_on) for name in sorted(acted_on)})
        if cleaned.resolution is Resolution.LITERAL and "{{" in (cleaned.value or ""):
            cleaned = replace(cleaned, resolution=Resolution.BOUND)
        said = in_words(cleaned)
        worded = {one.name for one in fields(step)} - acted_on - IDENTIFIERS
        return replace(said, **{name: _mapped(getattr(said, name), self.told) for name in sorted(worded)})

    def told(self, text: str) -> str:
        """A text for people: for a secret it has the parameter if the workflow has one, else a gap."""
        text = TOLD.sub(partial(_value_dropped, is_secret=_says_a_secret, stand_in=self._slot_or_gap), text)
        return self._cleaned(text, self._slot_or_gap)

    def _acted_on(self, text: str) -> str:
        return self._cleaned(text, self._slot)

    def _cleaned(self, text: str, stand_in: StandIn) -> str:
        """Without user and password of an address, values of secret names in it, known secrets, and what looks like one."""
        text = USERINFO.sub("", text)
        text = QUERY.sub(partial(_value_dropped, is_secret=_asks_with_a_secret, stand_in=stand_in), text)
        for literal in sorted(filter(_can_be_looked_for, self._known), key=len, reverse=True):
            text = _outside_slots(
                text, partial(_literal_dropped, literal=literal, kind=self._known[literal], by=stand_in)
            )
        return _outside_slots(text, partial(_shapes_dropped, by=stand_in))

    def _slot(self, literal: str, name: str) -> str:
        """The parameter that stands for a literal: the same wherever it stands, and another one for another literal."""
        if literal not in self._slots:
            numbers = range(1, len(self._taken) + 2)
            free = next(one for number in numbers if (one := _numbered(name, number)) not in self._taken)
            self._slots[literal] = free
            self._taken.add(free)
            self._parameters.add(free)
            for piece in SLOT.split(literal):
                self._known.setdefault(piece, kind_of_secret(name) or "secret")
        return f"{{{{{self._slots[literal]}}}}}"

    def _slot_or_gap(self, literal: str, _: str) -> str:
        return f"{{{{{self._slots[literal]}}}}}" if literal in self._slots else LEFT_OUT


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, however deep it stands."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_mapped(one, change) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _mapped(getattr(value, one.name), change) for one in fields(value)})
    return value


def _value_dropped(found: re.Match[str], is_secret: Callable[[str, str], bool], stand_in: StandIn) -> str:
    """What a pattern found of “name=value”, without the value if that is a secret."""
    name, value = found["name"], found["value"]
    if SLOT.fullmatch(value) or value.startswith(LEFT_OUT) or not is_secret(name, value):
        return found.group()
    return f"{name}{found['sign']}{stand_in(value, kind_of_secret(name) or 'secret')}"


def _asks_with_a_secret(name: str, value: str) -> bool:
    return bool(value) and names_a_secret_in_a_query(name)


def _says_a_secret(name: str, value: str) -> bool:
    """In a sentence a mere word after “password:” is one of the sentence."""
    return names_a_secret(name) and not value.isalpha()


def _can_be_looked_for(literal: str) -> bool:
    plain = literal.casefold()
    return len(literal) >= SHORTEST and plain not in GUESSES and not (plain.isalpha() and kind_of_secret(plain))


def _outside_slots(text: str, change: Callable[[str], str]) -> str:
    slots = [*SLOT.findall(text), ""]
    return "".join(f"{change(piece)}{slot}" for piece, slot in zip(SLOT.split(text), slots, strict=True))


def _literal_dropped(text: str, literal: str, kind: str, by: StandIn) -> str:
    inside = len(literal) >= SHORTEST_INSIDE and not literal.isalpha()
    pattern = re.escape(literal) if inside else rf"(?<![^\W_]){re.escape(literal)}(?![^\W_])"
    return re.sub(pattern, lambda _: by(literal, kind), text)


def _shapes_dropped(text: str, by: StandIn) -> str:
    """The text without what looks like a secret; shapes that overlap are one."""
    kept, end = "", 0
    for start, stop in merged(shapes_in(text)):
        kept += text[end:start] + by(text[start:stop], "secret")
        end = stop
    return kept + text[end:]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"
