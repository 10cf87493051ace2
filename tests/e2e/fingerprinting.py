"""Takes fingerprints while the tests run: what each element looked like at the moment a test acted on it.

The learnt workflows say at which line of the tests a step stands; so does the stack when a test acts.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator

from core.browser.redaction import Redactor
from core.browser.snapshot import ElementSeen
from core.browser.survey import ASKED, PATH_OF, SURVEY, element_of
from core.planner.fingerprints import Fingerprint, Fingerprints
from core.workflows.step import Workflow

ROOT = Path(__file__).parents[2]
TESTS = str(ROOT / "tests" / "e2e")
LONGEST_STATEMENT = 6  # lines; a chain of locators is written over several
MOST_LOOKS = 3  # of one step; a shop in another language is another one
ACTS = ("click", "fill", "press", "hover", "check", "uncheck", "select_option", "input_value", "inner_text")

Step = tuple[str, int]


@dataclass
class Collector:
    """Fingerprints by step, as tests meet its element; the same look is kept once."""

    steps: dict[tuple[str, int], list[Step]]
    looks: dict[Step, list[Fingerprint]] = field(default_factory=dict)

    @classmethod
    def of(cls, workflows: tuple[Workflow, ...]) -> "Collector":
        """By the places where the steps of these workflows stand."""
        steps: dict[tuple[str, int], list[Step]] = {}
        for workflow in workflows:
            for step in workflow.steps:
                file, _, line = step.at.rpartition(":")
                if step.locator is not None:
                    steps.setdefault((file, int(line)), []).append((workflow.id, step.order))
        return cls(steps)

    def met(self, locator: Locator, values: dict[str, str]) -> None:
        """An element is about to be acted on; if it is a learnt step's, its look is kept."""
        steps = self._steps_here()
        if not steps or locator.count() != 1:
            return
        if (seen := look_of(locator)) is None:
            return
        look = Fingerprint.of_element(seen).with_slots(values)
        for step in steps:
            known = self.looks.setdefault(step, [])
            if look not in known and len(known) < MOST_LOOKS:
                known.append(look)

    def fingerprints(self) -> Fingerprints:
        """All that was kept."""
        return Fingerprints({step: tuple(looks) for step, looks in self.looks.items()})

    def _steps_here(self) -> list[Step]:
        """The learnt steps that stand where the test is now: at its innermost line in our tests."""
        frame = sys._getframe()
        while frame.f_back is not None:
            frame = frame.f_back
            file = frame.f_code.co_filename
            if file.startswith(TESTS) and file != __file__:
                name = Path(file).relative_to(ROOT).as_posix()
                for line in range(frame.f_lineno, frame.f_lineno - LONGEST_STATEMENT, -1):
                    if steps := self.steps.get((name, line)):
                        return steps
                return []
        return []


def look_of(locator: Locator) -> ElementSeen | None:
    """How the one element of a locator looks among all that its page offers; None if it is not among that."""
    path = locator.evaluate(PATH_OF)
    told = locator.page.evaluate(f"([a, b, c]) => ({SURVEY})(a, b, c)", list(ASKED))
    paths = locator.page.evaluate(
        f"() => Object.fromEntries([...globalThis.autopilotRefs].map(([ref, one]) => [ref, ({PATH_OF})(one.deref())]))"
    )
    found = [one for one in told["elements"] if paths.get(one["ref"]) == path]
    return element_of(found[0], Redactor()) if found else None


@contextmanager
def collecting(collector: Collector, values: Callable[[], dict[str, str]]) -> Iterator[None]:
    """Within this, whatever a test does to an element of a page is seen first."""

    def seeing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def act(locator: Locator, *arguments: Any, **named: Any) -> Any:
            collector.met(locator, values())
            return original(locator, *arguments, **named)

        return act

    originals = {name: getattr(Locator, name) for name in ACTS}
    for name, original in originals.items():
        setattr(Locator, name, seeing(name, original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(Locator, name, original)
