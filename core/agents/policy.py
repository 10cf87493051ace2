"""What is refused before it is tried, whoever decided it."""

from dataclasses import dataclass

from core.browser.actions import Action, Open
from core.security.origin import BadAddress, Origin
from core.workflows.step import Resolution, TaskStep

READY = frozenset({Resolution.LITERAL, Resolution.BOUND, Resolution.UNBOUND})


@dataclass(frozen=True)
class Policy:
    """The limits of one run: one shop, and only steps that are understood to the end."""

    origin: Origin

    def objection(self, step: TaskStep, action: Action) -> str:
        """Why this may not be done; empty if it may."""
        if step.resolution not in READY:
            return f"This step was not understood to the end: {step.why or step.resolution}."
        if isinstance(action, Open):
            return self._about_address(action.address)
        return ""

    def _about_address(self, address: str) -> str:
        try:
            origin = Origin.of(address)
        except BadAddress as error:
            return error.sentence
        return "" if origin == self.origin else f"{origin} is not the shop this was allowed for."
