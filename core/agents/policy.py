"""What is refused before it is tried, whoever decided it; and what only a person may allow."""

from dataclasses import dataclass

from core.browser.actions import Action, Click, Open, Press, SetChecked
from core.browser.page import BrowserPage
from core.planner.harm import ON_THE_WAY, Harm, harms_of_element, harms_of_step
from core.planner.planner import LEARNT, Decision, Detour
from core.security.origin import BadAddress, Origin
from core.workflows.locator import By, Link, Locator
from core.workflows.step import Resolution, TaskStep

READY = frozenset({Resolution.LITERAL, Resolution.BOUND, Resolution.UNBOUND})
IRREVERSIBLE = "What was found there can't be taken back, and the test names something else."


@dataclass(frozen=True)
class Policy:
    """The limits of one run: one shop, only steps that are understood to the end, and nothing `irreversible` by guess.

    What a step does that can't be taken back needs a person's approval, unless the consent itself is to that.
    """

    origin: Origin
    irreversible: tuple[Locator, ...] = ()
    consented: frozenset[Harm] = frozenset()

    def objection(self, step: TaskStep, action: Action) -> str:
        """Why this may not be done; empty if it may."""
        if step.resolution not in READY:
            return f"This step was not understood to the end: {step.why or step.resolution}."
        if isinstance(action, Open):
            return self._about_address(action.address)
        return ""

    async def guessed(self, step: TaskStep, decision: Decision, page: BrowserPage) -> str:
        """Why this element may not be touched; empty if it may.

        What can't be taken back is touched only where a learnt test named it, never where somebody took it for what
        the test named: neither it, nor what is in it, nor what it is in; and what says of itself that it removes,
        pays, publishes or accepts something only for a step of that kind.
        """
        if decision.target is None or decision.rung in LEARNT:
            return ""
        if decision.element and not harms_of_element(decision.element) <= harms_of_step(step):
            return IRREVERSIBLE
        return await self._touches_irreversible(decision.target, page)

    async def on_the_way(self, detour: Detour, page: BrowserPage) -> str:
        """Why this may not be done before a step; empty if it may."""
        if not harms_of_element(detour.element) <= ON_THE_WAY:
            return "What would have to be done first can't be taken back."
        target = None if isinstance(detour.action, Open) else getattr(detour.action, "target", None)
        return "It names no element." if target is None else await self._touches_irreversible(target, page)

    def needs_approval(self, step: TaskStep, decision: Decision, action: Action) -> bool:
        """Whether only a person may allow it, because it can't be taken back.

        A consent is to what the learnt test names: on what was only taken for that, a person looks first.
        """
        if not isinstance(action, Click | Press | SetChecked):
            return False
        harms = harms_of_step(step) | (harms_of_element(decision.element) if decision.element else frozenset())
        return bool(harms - (self.consented if decision.rung in LEARNT else frozenset()))

    async def _touches_irreversible(self, target: Locator, page: BrowserPage) -> str:
        for one in self.irreversible:
            for touching in _touching(target, one):
                if await page.present(touching):
                    return IRREVERSIBLE
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
