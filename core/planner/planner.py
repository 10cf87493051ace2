"""The seam between a step and the element it is done on, and the rungs of the ladder that may decide."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.browser.page import BrowserPage
from core.workflows.locator import Locator
from core.workflows.step import TaskStep


class Rung(StrEnum):
    """Who decided where a step was done."""

    RECORDED = "recorded"
    ALTERNATIVE = "alternative"
    LIKENESS = "likeness"
    MODEL = "model"
    PERSON = "person"
    CODE = "code"


@dataclass(frozen=True)
class Decision:
    """Where to act, and the rung that says so; `note` is for people, if it was unusual."""

    target: Locator | None
    rung: Rung
    note: str = ""


@dataclass(frozen=True)
class Undecided:
    """Nobody can say where to act: what was looked for and what the page shows."""

    because: str


class Planner(Protocol):
    """Decides where on this page a step is to be done."""

    async def decide(self, step: TaskStep, page: BrowserPage) -> Decision | Undecided:
        """A place that is there now, or why there is none."""
        ...
