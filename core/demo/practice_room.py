"""The room that a demo is given in: a practice shop whose faults are switched, and how fast the agent goes there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.agents.pace import Pace
from core.operations.consents import ConsentRequest
from core.security.secret import Secret

PACES = (0.0, 0.5, 1.0, 2.0)  # seconds of rest after a step; at the slowest, a setup takes a minute


class FaultGroup(StrEnum):
    """What a fault is of."""

    PAGE = "page"
    SHOP = "shop"
    SIGN_IN = "sign_in"
    API = "api"


@dataclass(frozen=True)
class PracticeFault:
    """Something that can go wrong in the practice shop: what it does, and what is to be expected then, in a sentence each.

    `not_with` are those that it does not fit together with: switching it on switches them off.
    """

    name: str
    group: FaultGroup
    title: str
    does: str
    expected: str
    is_on: bool
    not_with: tuple[str, ...] = ()


class PracticeRoom(Protocol):
    """A practice shop in this process. What is switched holds from the shop's next answer on, also while a run goes on."""

    @property
    def setup(self) -> ConsentRequest:
        """What is set up here, where, and with which permissions."""
        ...

    @property
    def sign_in(self) -> Mapping[str, Secret]:
        """The made-up sign-in to the shop, by field."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast agents go."""
        ...

    def faults(self) -> tuple[PracticeFault, ...]:
        """Everything that can go wrong, as it is switched."""
        ...

    def set_fault(self, name: str, on: bool) -> None:
        """Switch a fault. Raises NotFound."""
        ...

    def one_time_code(self) -> str:
        """What the shop's authenticator app shows at this moment."""
        ...

    def begin_anew(self) -> None:
        """What happens only once can happen once again: another run begins."""
        ...

    def reset(self) -> None:
        """The shop is as at first: without faults, without keys, with nobody signed in; and agents do not rest."""
        ...
