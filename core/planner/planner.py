"""The seam between a step and the element it is done on, and the rungs of the ladder that may decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from core.browser.actions import Action
from core.browser.page import BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.spending import Purse
from core.workflows.locator import Locator
from core.workflows.step import TaskStep


class Rung(StrEnum):
    """Who decided where a step was done."""

    RECORDED = "recorded"
    ALTERNATIVE = "alternative"
    ACCEPTED = "accepted"
    LIKENESS = "likeness"
    MODEL = "model"
    PERSON = "person"
    CODE = "code"


LEARNT = frozenset({Rung.RECORDED, Rung.ALTERNATIVE})  # the test itself named the element


@dataclass(frozen=True)
class Situation:
    """What is to be done now: the bound step of which workflow (its id), and what was `tried` of it before, in sentences.

    What `failed` was tried, and could not be acted on: nobody decides for it again. A page that `stayed` as it was, although
    the step was done, wants something else first. At a `glance` nobody waits, and only who looks is asked. `secret` names what the step types, if it is a secret. `slots` are the plain values of this run, by name.
    """

    step: TaskStep
    workflow: str = ""
    tried: tuple[str, ...] = ()
    failed: frozenset[Locator] = frozenset()
    stayed: bool = False
    glance: bool = False
    secret: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    purse: Purse = field(default_factory=Purse)


@dataclass(frozen=True)
class Decision:
    """Where to act, and the rung that says so; `note` is for people, if it was unusual.

    A rung that guesses says which `element` it took for the one that was meant, other ways to find it, and its evidence.
    """

    target: Locator | None
    rung: Rung
    note: str = ""
    element: ElementSeen | None = None
    ways: tuple[Locator, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Detour:
    """Something else has to be done first, on this element; then the step is decided anew."""

    action: Action
    element: ElementSeen
    rung: Rung
    intent: str
    note: str = ""


@dataclass(frozen=True)
class AskPerson:
    """A person has to say where; `words` is why, for the record: what they are asked is put in words of ours."""

    words: str
    rung: Rung = Rung.MODEL


@dataclass(frozen=True)
class Undecided:
    """Nobody can say where to act: what was looked for and what the page shows."""

    because: str


Choice = Decision | Detour | AskPerson | Undecided


class Planner(Protocol):
    """Decides where on this page a step is to be done."""

    async def decide(self, situation: Situation, page: BrowserPage) -> Choice:
        """A place that is there now, what has to be done first, whom to ask, or why there is none."""
        ...
