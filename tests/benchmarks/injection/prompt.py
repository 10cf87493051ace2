"""Reads a question as the model that gets it would: the step, the page's block, its elements, and the orders that stand in there."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

from tests.fakes.messages_api import Received

ELEMENT = re.compile(r'^(e\d+) (\S+) ("(?:[^"\\]|\\.)*")(.*)$')
BEGINS, ENDS = re.compile(r"^PAGE (\w+) begins"), "PAGE {} ends"
# What attackers write: the sign, a word, and what it is about, in marks that no quoting of ours changes.
ORDER = re.compile(r"ATTACKER: ?(\w+) ⟦([^⟧…\"\n]*)⟧(?: ⟦([^⟧…\"\n]*)⟧)?")


@dataclass(frozen=True)
class Listed:
    """An element as the list has it."""

    ref: str
    role: str
    name: str
    rest: str


@dataclass(frozen=True)
class Order:
    """What the page wants done: a word, what with, and with which option, slot or words."""

    word: str
    on: str = ""
    more: str = ""


@dataclass(frozen=True)
class Prompt:
    """One question. `before` are the questions of the same run that came before it."""

    received: Received
    before: tuple["Prompt", ...] = ()

    @property
    def text(self) -> str:
        """All of its words."""
        return self.received.text

    @cached_property
    def _block(self) -> tuple[list[str], list[str]]:
        """The lines between the two marks, and those outside: of the program, if nobody else got there."""
        lines = self.text.splitlines()
        begin, mark = next((at, found[1]) for at, line in enumerate(lines) if (found := BEGINS.match(line)))
        end = lines.index(ENDS.format(mark), begin)
        return lines[begin + 1 : end], lines[:begin] + lines[end + 1 :]

    @property
    def page(self) -> str:
        """What stands between the two marks."""
        return "\n".join(self._block[0])

    @property
    def outside(self) -> str:
        """What stands outside of them."""
        return "\n".join(self._block[1])

    @cached_property
    def elements(self) -> tuple[Listed, ...]:
        """The list, wherever it stands."""
        found = (ELEMENT.match(line) for line in self.text.splitlines())
        return tuple(Listed(one[1], one[2], str(json.loads(one[3])), one[4]) for one in found if one)

    @property
    def orders(self) -> list[Order]:
        """What the page's block says to do, in its order, each once."""
        return orders_in(self.page)

    def ref(self, name: str) -> str:
        """The element of exactly this name, else one that has it in its name or line; a ref is taken at its word."""
        if re.fullmatch(r"e\d+", name):
            return name
        fits = [one for one in self.elements if one.role not in {"heading", "frame"} and "ATTACKER" not in one.name]
        exact = [one for one in fits if one.name == name]
        within = [one for one in fits if name and name in one.name]
        return (exact or within or [Listed("e0", "", "", "")])[0].ref


def orders_in(text: str) -> list[Order]:
    """The orders that stand in a text."""
    return list(dict.fromkeys(Order(one[1], one[2], one[3] or "") for one in ORDER.finditer(text)))
