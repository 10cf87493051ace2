"""Records of steps whose outcome nobody knows that it is not known: an intent without a word on what became of it says too little."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import StepState
from core.database.tables import StepRow
from core.operations.step_log import ACTOR
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

NOT_FINISHED = "not finished"


def record_unknown(session: CustomerSession, operation_id: UUID, because: str, *, at: datetime) -> None:
    """Record of each step that was intended and has no outcome that nobody knows whether it was done, and why; once.

    It is to come again. Whoever goes on looks at the page; nothing counts as done that was only meant.
    """
    under_way = select(StepRow).where(
        col(StepRow.operation_id) == operation_id, col(StepRow.state) == StepState.RUNNING.value
    )
    for row in session.exec(under_way.order_by(col(StepRow.position))).all():
        detail: dict[str, Any] = {"step": row.position, "intent": row.intent, "because": because}
        event = AuditEvent(AuditAction.STEP_UNKNOWN, ACTOR, operation_id, detail)
        audit_log.record(session, row.customer_id, event, at=at)
        row.state, row.note = StepState.TO_COME, NOT_FINISHED
        session.add(row)
