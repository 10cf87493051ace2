"""How far an operation is, counted once for every screen: of its steps, those that were not needed count nowhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow

TOLD_OTHERWISE = (OperationStatus.COMPLETED, OperationStatus.FAILED)  # a list says what came of these


@dataclass(frozen=True)
class StepCount:
    """How many steps are done, at which it is, from 1, and how many are needed; all zero before its steps are known."""

    done: int = 0
    at: int = 0
    every: int = 0

    @property
    def share(self) -> float:
        """What part is done, from 0 to 1."""
        return self.done / self.every if self.every else 0.0


NOT_COUNTED = StepCount()


def count_of(states: Iterable[StepState], *, is_over: bool) -> StepCount:
    """Count steps, in their order. Those before the one of now may still wait for their picture to be stored."""
    needed = [state for state in states if state is not StepState.SKIPPED]
    done = needed.count(StepState.DONE)
    running = [] if is_over else [place for place, state in enumerate(needed) if state is StepState.RUNNING]
    return StepCount(done, min((running[-1] if running else done) + 1, len(needed)), len(needed))


def counts_of(session: CustomerSession, rows: Sequence[OperationRow]) -> dict[UUID, StepCount]:
    """The counts of those of a list of which it is told how far they are, with one question to the database."""
    told = {row.id: OperationStatus(row.status) for row in rows if row.status not in TOLD_OTHERWISE}
    states: dict[UUID, list[StepState]] = defaultdict(list)
    # By the whole key of a step: by the operation alone, a million steps would be looked through.
    steps = (
        select(col(StepRow.operation_id), col(StepRow.state))
        .where(
            col(StepRow.customer_id).in_({row.customer_id for row in rows}),
            col(StepRow.operation_id).in_(told.keys()),
        )
        .order_by(col(StepRow.operation_id), col(StepRow.position))
    )
    if told:
        for operation_id, state in session.exec(steps):
            states[operation_id].append(StepState(state))
    return {one: count_of(known, is_over=told[one].is_over) for one, known in states.items()}
