"""What processes tell each other of live pictures: that one watches a run, and how the picture of one stands."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.operations.live_pictures import LiveState

Whose = tuple[UUID, UUID]  # a customer, and an operation of theirs


@dataclass(frozen=True)
class Watched:
    """A process watches a run, and says so again and again; or no more."""

    process: UUID
    whose: Whose
    is_over: bool = False

    @property
    def text(self) -> str:
        """As it is sent: ids alone."""
        return _text(self.process, self.whose, is_over=self.is_over)


@dataclass(frozen=True)
class Shown:
    """How the picture stands of a run that a process carries out. The frame itself is in the table."""

    process: UUID
    whose: Whose
    state: LiveState

    @property
    def text(self) -> str:
        """As it is sent."""
        return _text(self.process, self.whose, number=self.state.number, is_paused=self.state.is_paused)


def read_news(text: str) -> Watched | Shown | None:
    """What was sent; None if it is not ours."""
    try:
        told: dict[str, Any] = json.loads(text)
        process, customer_id, operation_id = (UUID(str(told[name])) for name in ("process", "customer", "operation"))
        whose = customer_id, operation_id
        if "is_over" in told:
            return Watched(process, whose, bool(told["is_over"]))
        return Shown(process, whose, LiveState(int(told["number"]), bool(told["is_paused"])))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(process: UUID, whose: Whose, **told: int | bool) -> str:
    ids = {"process": process.hex, "customer": whose[0].hex, "operation": whose[1].hex}
    return json.dumps(ids | told)
