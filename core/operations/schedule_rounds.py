"""Asks for what is due to be done again, as whoever switched that on, and only as far as somebody still allows it.

1. A schedule's turn is taken by moving its next time: of several processes that see it due, one moves it.
2. A shop that is busy is come back to in a few minutes. What was missed while nothing ran is done once.
3. Without a consent it is paused with a sentence; so it is when whoever switched it on may not ask for it any more.
4. A renewal needs a sign-in, which is not kept: it is asked for, and waits a day for a person, because nothing else is
   done at the shop meanwhile; then it is asked for again a week later. The key in use works until the new one is proven.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from core.catalog.sync import connection_of
from core.clock import Clock
from core.database.changed import changed_one
from core.database.failures import FAILURES, told
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.states import NotificationEvent
from core.database.tables import ConnectionRow, OperationRow, ScheduleRow, User
from core.notifications.outbox import tell, tell_of_waiting
from core.operations.beginning import Beginning
from core.operations.ending import EndingWriter, Stop
from core.operations.progress import ProgressBus
from core.operations.rows import open_operations
from core.operations.schedules import WAITS, after, key_is_old_at, record
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import ConsentScope
from core.security.consent.consent import find_consent
from core.security.origin import Origin
from core.security.people.authorize import Action, may
from core.security.people.visitor import Visitor

log = logging.getLogger(__name__)

BUSY_AGAIN = timedelta(minutes=5)  # until a busy shop is come back to
WAITS_FOR, ASKED_AGAIN = timedelta(days=1), timedelta(days=7)  # a renewal for a person, and until the next
ACTOR = "system"
NOBODY_CAME = "Nobody has renewed the key for a day. It is asked for again in a week; you can renew it at any time."
NOBODY_ALLOWS = "Nobody allows it any more. Read what it will do and allow it, and it goes on."
NOBODY_ASKS = "Whoever switched it on may not ask for it any more. Switch it on again, and it goes on."


@dataclass(frozen=True)
class ScheduleRounds:
    """Goes round all customers; to be called every minute, by any number of processes."""

    database: Database
    beginning: Beginning
    endings: EndingWriter
    progress: ProgressBus
    clock: Clock

    async def round(self) -> None:
        """One round. What fails for one customer is logged, and the others have their turn."""
        due = await self.database.read_across_customers(
            partial(_due, now=self.clock.now()), because="schedules are due for every customer"
        )
        for customer_id, schedule_id in due:
            try:
                await self.database.run(customer_id, partial(self._turn, schedule_id))
            except FAILURES as error:
                log.error("ALERT: schedule %s of customer %s had no turn: %s", schedule_id, customer_id, told(error))  # noqa: TRY400  said whole

    def _turn(self, schedule_id: UUID, session: CustomerSession) -> None:
        now, still_open = self.clock.now(), open_operations(session)
        row = session.get(ScheduleRow, (session.customer_id, schedule_id), populate_existing=True)
        if row is None or row.paused_because or row.next_at > now:
            return
        connected = connection_of(session, row.service, Origin.of(row.store_origin))
        if connected is None or not connected.key_hint:
            record(session, AuditAction.SCHEDULE_REMOVED, ACTOR, row, now, {"because": "the shop is not connected"})
            session.delete(row)
            return
        at_shop = [one for one in still_open if (one.service, one.store_origin) == (row.service, row.store_origin)]
        if any(self._waits_in_vain(row, one, now) for one in at_shop):
            self._stop_waiting(session, row, at_shop[0], now)
            return
        busy = bool(at_shop)
        next_at = self._next(row, connected, now, busy=busy)
        if not self._is_mine(session, row, next_at) or busy or not self._is_due(row, connected, now):
            return
        self._ask(session, row, connected, now)

    def _waits_in_vain(self, row: ScheduleRow, asked: OperationRow, now: datetime) -> bool:
        """Whether a person has let this renewal wait too long; what a worker has, somebody is at."""
        waits = asked.id == row.last_operation_id and asked.status in WAITS and asked.lease_owner is None
        return waits and asked.created_at + WAITS_FOR <= now

    def _stop_waiting(self, session: CustomerSession, row: ScheduleRow, asked: OperationRow, now: datetime) -> None:
        self.endings.stop(session, asked, Stop(ACTOR, NOBODY_CAME))
        row.next_at = now + ASKED_AGAIN
        session.add(row)
        self.progress.publish(session, row.customer_id, asked.id)

    def _next(self, row: ScheduleRow, connected: ConnectionRow, now: datetime, *, busy: bool) -> datetime:
        """When its turn comes next."""
        every = timedelta(seconds=row.every_seconds)
        if busy:
            return now + BUSY_AGAIN
        if self._keeps_up(row):
            return after(every, now)
        old_at = key_is_old_at(connected, every)
        return old_at if old_at > now else now + WAITS_FOR  # then a person has renewed it, or it is stopped

    def _is_due(self, row: ScheduleRow, connected: ConnectionRow, now: datetime) -> bool:
        """Whether there is something to do: a key that was made anew meanwhile is not old, nor asked for twice."""
        return self._keeps_up(row) or key_is_old_at(connected, timedelta(seconds=row.every_seconds)) <= now

    def _is_mine(self, session: CustomerSession, row: ScheduleRow, next_at: datetime) -> bool:
        """Whether this process has moved its time; another that saw the same time has not."""
        seen = update(ScheduleRow).where(
            col(ScheduleRow.id) == row.id,
            col(ScheduleRow.next_at) == row.next_at,
            col(ScheduleRow.paused_because).is_(None),
        )
        return changed_one(session, seen, {"next_at": next_at})

    def _ask(self, session: CustomerSession, row: ScheduleRow, connected: ConnectionRow, now: datetime) -> None:
        session.refresh(row)
        scope = self._scope(session, row, connected)
        if not self._may_ask(session, row):
            self._pause(session, row, NOBODY_ASKS, now)
            return
        allowed = find_consent(session, scope, at=now, text_version=self.beginning.text_version)
        if allowed is None and self._keeps_up(row):
            self._pause(session, row, NOBODY_ALLOWS, now)
            return
        asked = self.beginning.begin(session, row.created_by, scope, now)
        row.last_operation_id = asked.id
        session.add(row)
        detail: dict[str, str | int | bool | None] = {"service": row.service, "operation": row.operation}
        detail |= {"shop": row.store_origin, "schedule": str(row.id)}
        event = AuditEvent(AuditAction.OPERATION_ASKED, f"user:{row.created_by}", asked.id, detail)
        audit_log.record(session, row.customer_id, event, at=now)
        tell_of_waiting(session, asked, now)
        self.progress.publish(session, row.customer_id, asked.id)

    def _scope(self, session: CustomerSession, row: ScheduleRow, connected: ConnectionRow) -> ConsentScope:
        """What it needs consent to; a key is made anew with the permissions that it has."""
        permissions = self.beginning.integrations.get(row.service, row.operation).required
        made = session.get(OperationRow, (row.customer_id, connected.operation_id))
        if made is not None and made.operation == row.operation:
            permissions = frozenset(made.permissions)
        return ConsentScope(row.service, row.operation, Origin.of(row.store_origin), permissions)

    def _may_ask(self, session: CustomerSession, row: ScheduleRow) -> bool:
        """Whether whoever switched it on is still there, and may ask for operations."""
        user = session.get(User, (row.customer_id, row.created_by))
        if user is None or user.disabled_at:
            return False
        return may(Visitor(row.customer_id, user.id, user.email, Role(user.role)), Action.OPERATE)

    def _pause(self, session: CustomerSession, row: ScheduleRow, because: str, now: datetime) -> None:
        row.paused_because = because
        session.add(row)
        record(session, AuditAction.SCHEDULE_PAUSED, ACTOR, row, now, {"because": because})
        last = session.get(OperationRow, (row.customer_id, row.last_operation_id)) if row.last_operation_id else None
        if last is not None:
            tell(session, last, NotificationEvent.NEEDS_YOU, f"It is not done by itself any more. {because}", now)

    def _keeps_up(self, row: ScheduleRow) -> bool:
        """Whether it works with the key that is there; a renewal does not."""
        return self.beginning.integrations.get(row.service, row.operation).keeps_up


def _due(session: CustomerSession, now: datetime) -> tuple[tuple[UUID, UUID], ...]:
    """Customer and id of what is due, the longest due first."""
    waits = select(ScheduleRow.customer_id, ScheduleRow.id).where(
        col(ScheduleRow.next_at) <= now, col(ScheduleRow.paused_because).is_(None)
    )
    return tuple((customer, one) for customer, one in session.exec(waits.order_by(col(ScheduleRow.next_at))))
