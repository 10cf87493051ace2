"""What a customer has switched on to be done again and again: seen, switched on, and switched off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import ClassVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core.agents.integration import Integration, Integrations
from core.catalog.sync import connection_of
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import CHECK, RESYNC, OperationStatus
from core.database.tables import ConnectionRow, OperationRow, ScheduleRow
from core.errors import BadInput, NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import ConsentScope
from core.security.consent.consent import ConsentMissing, find_consent
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

USUALLY = {CHECK: timedelta(hours=1), RESYNC: timedelta(days=1)}
RENEWAL = timedelta(days=90)  # the age at which a key is made anew
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=366)
JITTER = 0.05  # of the time between, by which it is longer or shorter, so that not everything comes at midnight

WAITS = (OperationStatus.AWAITING_CONSENT, OperationStatus.AWAITING_INPUT)  # for a person


class BadSchedule(BadInput):
    """This can't be done again and again."""

    code: ClassVar[str] = "bad_schedule"


@dataclass(frozen=True)
class NewSchedule:
    """What is to be done again and again, at which connected shop; without a time between, after the usual one."""

    service: str
    operation: str
    store_url: str
    every: timedelta | None = None


@dataclass(frozen=True)
class Schedule:
    """What is done again and again, and when it is next; or why it is not. `renews` makes a key anew.

    `waits` says that what was asked for last waits for a person; `held_up_by` which operation at this shop does, whoever
    asked for it: nothing is begun there meanwhile.
    """

    id: UUID
    service: str
    operation: str
    store_url: str
    every: timedelta
    next_at: datetime
    paused_because: str | None
    last_operation_id: UUID | None
    renews: bool
    waits: bool
    held_up_by: UUID | None
    created_at: datetime


class ScheduleDesk:
    """Where people see and decide what is done again and again. Nothing is, that nobody has switched on."""

    def __init__(
        self, database: Database, integrations: Integrations, clock: Clock, text_version: str | None = None
    ) -> None:
        self._database = database
        self._integrations = integrations
        self._clock = clock
        self._text_version = text_version

    async def list(self, visitor: Visitor) -> tuple[Schedule, ...]:
        """Everything that was switched on, the newest last. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        return await self._database.read(visitor.customer_id, self._list)

    async def add(self, visitor: Visitor, wanted: NewSchedule) -> Schedule:
        """Switch something on, or on again: what was paused goes on, and its time is counted from now.

        Raises NotFound if the shop is not connected, BadSchedule, or ConsentMissing if nobody allows it: only a renewal
        may wait for that, because it asks when it is due.
        """
        authorize(visitor, Action.OPERATE)
        integration = self._integrations.get(wanted.service, wanted.operation)
        every = wanted.every or USUALLY.get(wanted.operation, RENEWAL)
        if integration.ends or not SHORTEST <= every <= LONGEST:
            raise BadSchedule(
                because="Between two times there are a quarter of an hour to a year, and nothing is ended."
            )
        origin = integration.origin_of(wanted.store_url)
        use_case = partial(self._add, visitor, integration, origin, every)
        try:
            return await self._database.run(visitor.customer_id, use_case)
        except IntegrityError:  # somebody has switched on the same at this moment; by now it is there
            return await self._database.run(visitor.customer_id, use_case)

    async def remove(self, visitor: Visitor, schedule_id: UUID) -> None:
        """Switch it off; what it has asked for goes on. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.OPERATE)
        await self._database.run(visitor.customer_id, partial(self._remove, visitor, schedule_id))

    def _list(self, session: CustomerSession) -> tuple[Schedule, ...]:
        rows = session.exec(select(ScheduleRow).order_by(col(ScheduleRow.created_at), col(ScheduleRow.id))).all()
        return tuple(self._view(session, row) for row in rows)

    def _add(
        self, visitor: Visitor, integration: Integration, origin: Origin, every: timedelta, session: CustomerSession
    ) -> Schedule:
        now = self._clock.now()
        connected = connection_of(session, integration.service, origin)
        if connected is None or not connected.key_hint:
            raise NotFound(because="This shop is not connected. Set it up first.")
        scope = ConsentScope(integration.service, integration.operation, origin, integration.required)
        if integration.keeps_up and not find_consent(session, scope, at=now, text_version=self._text_version):
            raise ConsentMissing(because="Read what it will do, and allow it first.")
        row = schedule_of(session, integration.service, integration.operation, origin) or ScheduleRow(
            customer_id=visitor.customer_id,
            service=integration.service,
            operation=integration.operation,
            store_origin=str(origin),
            every_seconds=0,
            next_at=now,
            created_by=visitor.user_id,
            created_at=now,
        )
        row.every_seconds, row.created_by, row.paused_because = int(every.total_seconds()), visitor.user_id, None
        row.next_at = after(every, now) if integration.keeps_up else max(now, connected.created_at + every)
        session.add(row)
        session.flush()
        detail = {"everySeconds": row.every_seconds}
        record(session, AuditAction.SCHEDULE_ADDED, visitor.actor, row, now, detail)
        return self._view(session, row)

    def _remove(self, visitor: Visitor, schedule_id: UUID, session: CustomerSession) -> None:
        row = session.get(ScheduleRow, (visitor.customer_id, schedule_id), with_for_update=True)
        if row is None:
            raise NotFound(because="There is no such schedule.")
        record(session, AuditAction.SCHEDULE_REMOVED, visitor.actor, row, self._clock.now())
        session.delete(row)

    def _view(self, session: CustomerSession, row: ScheduleRow) -> Schedule:
        held_up_by = waiting_at(session, row)
        return Schedule(
            id=row.id,
            service=row.service,
            operation=row.operation,
            store_url=row.store_origin,
            every=timedelta(seconds=row.every_seconds),
            next_at=row.next_at,
            paused_because=row.paused_because,
            last_operation_id=row.last_operation_id,
            renews=row.operation not in USUALLY,
            waits=held_up_by is not None and held_up_by == row.last_operation_id,
            held_up_by=held_up_by,
            created_at=row.created_at,
        )


def schedule_of(session: CustomerSession, service: str, operation: str, origin: Origin) -> ScheduleRow | None:
    """What is done again and again of this at this shop, kept from changing until the transaction ends."""
    here = select(ScheduleRow).where(
        col(ScheduleRow.service) == service,
        col(ScheduleRow.operation) == operation,
        col(ScheduleRow.store_origin) == str(origin),
    )
    return session.exec(here.with_for_update()).first()


def waiting_at(session: CustomerSession, row: ScheduleRow) -> UUID | None:
    """The operation at the shop of a schedule that waits for a person, if one does."""
    here = select(OperationRow.id).where(
        col(OperationRow.service) == row.service,
        col(OperationRow.store_origin) == row.store_origin,
        col(OperationRow.status).in_([status.value for status in WAITS]),
    )
    return session.exec(here).first()


def after(every: timedelta, now: datetime) -> datetime:
    """When it is next, a little earlier or later by chance."""
    return now + every * SystemRandom().uniform(1 - JITTER, 1 + JITTER)


def key_is_old_at(connected: ConnectionRow, every: timedelta) -> datetime:
    """When the key in use is to be made anew."""
    return connected.created_at + every


def record(
    session: CustomerSession,
    action: AuditAction,
    actor: str,
    row: ScheduleRow,
    at: datetime,
    more: "dict[str, int] | dict[str, str] | None" = None,
) -> None:
    """Add an event of a schedule to the customer's chain."""
    detail: dict[str, str | int | bool | None] = {"service": row.service, "operation": row.operation}
    detail |= {"shop": row.store_origin, **(more or {})}
    audit_log.record(session, row.customer_id, AuditEvent(action, actor, detail=detail), at=at)
