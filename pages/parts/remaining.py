"""How long an operation still takes: from what the same steps took before, and from how fast this run is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from core.database.states import StepState
from core.operations.views import StepView
from core.statistics.summary import UsualRest
from pages.parts.timeline import step_of_now

MOST_OF_ONE = (
    3.0  # times as long as usual: beyond it a step has waited for a person or a page, which says little of others
)
STEADY = 2.0  # seconds; until the steps that are over usually take longer than this, they say little of the pace
SLOW, NOTICED = 1.5, 3.0  # times as long as usual, and seconds on top: who waits for less does not ask why


@dataclass(frozen=True)
class Remaining:
    """About how many seconds are left, and whether it takes longer than usual; no seconds where what is overdue is the last."""

    seconds: int | None
    is_slow: bool


def remaining(steps: Sequence[StepView], usual: UsualRest, now: datetime) -> Remaining | None:
    """What is left of a run; None where no setup before has shown it.

    1. The pace: how long each step took that is over, until the next began, in parts of what it usually takes.
    2. Left of the step of now is what it usually takes at that pace, less what it has taken; and of those after it, at that pace.
    3. It is slow if this step takes much longer than at that pace, or all of it so far than usual.
    """
    begun = [step for step in steps if step.started_at and step.state is not StepState.SKIPPED]
    at = step_of_now(tuple(steps)) or (begun[-1] if begun else None)
    if at is None or at.started_at is None or begun[0].started_at is None or not _is_known(usual, at.position):
        return None
    known = [step for step in begun if step.position <= at.position]
    pace = _pace(known, usual)
    after = _from(usual, at.position + 1)
    takes = max(0.0, _from(usual, at.position) - after)
    spent = (now - at.started_at).total_seconds()
    is_overdue = spent > SLOW * pace * takes + NOTICED
    # Waiting for a person is no slowness of the run's: no step counts for more than this.
    whole = spent + sum(min(own, MOST_OF_ONE * before) for own, before in _measured(known, usual))
    usually = max(0.0, _from(usual, begun[0].position) - after - takes) + min(spent, takes)
    is_late = whole > SLOW * usually + NOTICED
    left = max(0.0, pace * takes - spent) + pace * after
    no_end = is_overdue and left < 1
    return Remaining(None if no_end else max(1, round(left)), is_overdue or is_late)


def _pace(begun: Sequence[StepView], usual: UsualRest) -> float:
    """How many times as long as usual this run takes: 1 before anything is known."""
    took = usually = STEADY
    for own, before in _measured(begun, usual):
        took += min(own, MOST_OF_ONE * before)
        usually += before
    return took / usually


def _measured(begun: Sequence[StepView], usual: UsualRest) -> Iterator[tuple[float, float]]:
    """Of each step that is over, what it took and what it usually takes, in seconds."""
    for one, following in pairwise(begun):
        if one.started_at and following.started_at:
            own = (following.started_at - one.started_at).total_seconds()
            yield max(0.0, own), max(0.0, _from(usual, one.position) - _from(usual, following.position))


def _is_known(usual: UsualRest, position: int) -> bool:
    return any(one >= position for one in usual.seconds_from)


def _from(usual: UsualRest, position: int) -> float:
    """How long it usually goes on from this step on, or from the next that any setup took; nothing after the last."""
    following = [one for one in usual.seconds_from if one >= position]
    return usual.seconds_from[min(following)] if following else 0.0
