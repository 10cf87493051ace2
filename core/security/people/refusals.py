"""What was tried and refused, for the audit: a few of each kind from each person, so that nobody can fill a chain."""

from datetime import datetime, timedelta
from uuid import UUID

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.visitor import Visitor

TOLD_EACH_HOUR = 20  # of one person: enough to see a pattern, and no more than a chain bears
HOUR = timedelta(hours=1)
MOST_PEOPLE = 10_000  # counted at a time


class Refusals:
    """Records refusals in the chain of whoever was refused."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._told: dict[UUID, tuple[datetime, int]] = {}

    async def note(self, visitor: Visitor, code: str, wanted: str) -> None:
        """Record that they were refused, by the error's stable code, and what they wanted; unless it is too often."""
        now = self._clock.now()
        if not self._is_worth_telling(visitor.user_id, now):
            return
        event = AuditEvent(AuditAction.ACCESS_REFUSED, visitor.actor, detail={"code": code, "wanted": wanted})

        def record(session: CustomerSession) -> None:
            audit_log.record(session, visitor.customer_id, event, at=now)

        await self._database.run(visitor.customer_id, record)

    def _is_worth_telling(self, user_id: UUID, now: datetime) -> bool:
        since, told = self._told.get(user_id, (now, 0))
        if now >= since + HOUR:
            since, told = now, 0
        if len(self._told) >= MOST_PEOPLE and user_id not in self._told:
            self._told.pop(next(iter(self._told)))
        self._told[user_id] = (since, told + 1)
        return told < TOLD_EACH_HOUR
