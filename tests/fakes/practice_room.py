"""A room for a demo with two faults that do not fit together."""

from collections.abc import Mapping
from dataclasses import replace

from core.agents.pace import Pace
from core.demo.practice_room import FaultGroup, PracticeFault
from core.errors import NotFound
from core.operations.consents import ConsentRequest
from core.security.secret import Secret

RENAMED = PracticeFault("renamed", FaultGroup.PAGE, "Renamed", "Buttons differ.", "It heals.", False, ("down",))
DOWN = PracticeFault("down", FaultGroup.SHOP, "Down", "Nothing answers.", "It fails.", False, ("renamed",))


class FakeRoom:
    """Behaves like the practice shop's; `begun` and `resets` count how often it was begun anew and reset."""

    def __init__(self, setup: ConsentRequest, sign_in: Mapping[str, Secret]) -> None:
        self.setup = setup
        self.sign_in = sign_in
        self.pace = Pace()
        self.begun = self.resets = 0
        self._faults = {one.name: one for one in (RENAMED, DOWN)}

    def faults(self) -> tuple[PracticeFault, ...]:
        return tuple(self._faults.values())

    def set_fault(self, name: str, on: bool) -> None:
        if name not in self._faults:
            raise NotFound(because="There is no such fault.")
        switched = self._faults[name]
        for other in switched.not_with if on else ():
            self._faults[other] = replace(self._faults[other], is_on=False)
        self._faults[name] = replace(switched, is_on=on)

    def one_time_code(self) -> str:
        return "123456"

    def begin_anew(self) -> None:
        self.begun += 1

    def reset(self) -> None:
        self.resets += 1
        self.pace.change(0.0)
        self._faults = {one.name: replace(one, is_on=False) for one in self._faults.values()}
