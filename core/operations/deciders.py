"""Who decided the steps of one operation: counted at its end, so that the statistics need not read every step again."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from core.database.session import CustomerSession
from core.database.states import StepState
from core.database.tables import StepRow
from core.planner.planner import Rung

# How far a setup had to climb; what code does without a page stands below all of them.
LADDER = (Rung.CODE, Rung.RECORDED, Rung.ALTERNATIVE, Rung.ACCEPTED, Rung.LIKENESS, Rung.MODEL, Rung.PERSON)


def decided(session: CustomerSession, operation_id: UUID) -> dict[str, Any]:
    """How many of its steps each rung has decided, and the furthest of these, under the names of the row's columns."""
    rung = col(StepRow.decided_by)
    done = (col(StepRow.operation_id) == operation_id, col(StepRow.state) == StepState.DONE.value, rung.is_not(None))
    steps = {
        str(name): int(number)
        for name, number in session.execute(select(rung, func.count()).where(*done).group_by(rung).order_by(rung))
    }
    furthest = next((one.value for one in reversed(LADDER) if one.value in steps), None)
    return {"decided_steps": steps or None, "furthest_rung": furthest}
