"""What is refused before it is tried, whoever decided it."""

from dataclasses import dataclass

from core.browser.actions import Action, Open
from core.browser.page import BrowserPage
from core.planner.planner import LEARNT, Decision
from core.security.origin import BadAddress, Origin
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Resolution, TaskStep

READY = frozenset({Resolution.LITERAL, Resolution.BOUND, Resolution.UNBOUND})


@dataclass(frozen=True)
class Policy:
    """The limits of one run: one shop, only steps that are understood to the end, and nothing `irreversible` by guess."""

    origin: Origin
    irreversible: tuple[Locator, ...] = ()

    def objection(self, step: TaskStep, action: Action) -> str:
        """Why this may not be done; empty if it may."""
        if step.resolution not in READY:
            return f"This step was not understood to the end: {step.why or step.resolution}."
        if isinstance(action, Open):
            return self._about_address(action.address)
        return ""

    async def guessed(self, decision: Decision, page: BrowserPage) -> str:
        """Why this element may not be touched; empty if it may.

        What can't be taken back is touched only where a learnt test named it, never where somebody took it for what the
        test named: neither it, nor what is in it, nor what it is in.
        """
        if decision.target is None or decision.rung in LEARNT:
            return ""
        for one in self.irreversible:
            for touching in _touching(decision.target, one):
                if await page.present(touching):
                    return "What was found there can't be taken back, and the test names something else."
        return ""

    def _about_address(self, address: str) -> str:
        try:
            origin = Origin.of(address)
        except BadAddress as error:
            return error.sentence
        return "" if origin == self.origin else f"{origin} is not the shop this was allowed for."


def _touching(target: Locator, one: Locator) -> tuple[Locator, ...]:
    """The target if it is this element, stands in it, or has it inside."""
    return (
        Locator((*target.links, Link(By.AND, one))),
        Locator((*one.links, *target.links)),
        Locator((*target.links, Link(By.HAS, one))),
    )
