"""How staff look at a customer's data: for a reason, for a while, reading only, and told in the customer's own audit.

Nobody of staff reaches a customer's rows by their role alone. Whoever needs to says why, and for how long; the customer
finds both in their audit, at once and for good. What is then seen is what an auditor of that company would see.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.clock import Clock
from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.tables import Customer, StaffAccessRow
from core.errors import BadInput, NotFound, Refused
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.authorize import Action, authorize
from core.security.people.customer_list import CustomerPage, CustomerView, customer_page, customer_view
from core.security.people.sessions import Endings
from core.security.people.visitor import Scope, Visitor

SHORTEST_REASON, LONGEST_REASON = 10, 500  # characters; “ticket” is no reason that a customer understands
LONGEST = timedelta(hours=4)  # a working session; longer needs a reason of its own
SEES = frozenset({Scope.READ, Scope.AUDIT})  # no scope that changes anything


class NoAccess(Refused):
    """You have no access to this customer now."""

    code: ClassVar[str] = "no_access"


class BadReason(BadInput):
    """A customer who reads this reason would not know why."""

    code: ClassVar[str] = "bad_reason"


@dataclass(frozen=True)
class Access:
    """An access that is open: to whose data, why, until when, and how long that is from now."""

    id: UUID
    customer_id: UUID
    customer: str
    reason: str
    expires_at: datetime
    left: timedelta

    def as_seen_by(self, visitor: Visitor) -> Visitor:
        """The visitor as whom they read that customer's data, and change nothing; by a token, as far as its own scopes go."""
        sees = SEES if visitor.scopes is None else SEES & visitor.scopes
        return Visitor(self.customer_id, visitor.user_id, visitor.email, Role.AUDITOR, sees, visitor.session_id)


class StaffAccess:
    """Opens, uses and ends accesses."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.endings = Endings()

    async def customers(self, visitor: Visitor, wanted: str, limit: int, skip: int = 0) -> CustomerPage:
        """The customers whose names have these words, by name; so many of them, after so many. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(customer_page, wanted, limit, skip)
        return await self._database.read_across_customers(use_case, because="staff look for a customer")

    async def customer(self, visitor: Visitor, customer_id: UUID) -> CustomerView | None:
        """One of them, as in the list; None if there is no such one. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(customer_view, customer_id)
        return await self._database.read_across_customers(use_case, because="staff look for a customer")

    async def open(self, visitor: Visitor, customer_id: UUID, reason: str, duration: timedelta) -> Access:
        """Look at a customer's data from now on. Raises NotAllowed, BadReason, BadInput or NotFound."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        words = " ".join(reason.split())
        if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
            raise BadReason(because=f"Write {SHORTEST_REASON} to {LONGEST_REASON} characters.")
        if not timedelta(0) < duration <= LONGEST:
            raise BadInput(because=f"An access lasts up to {LONGEST // timedelta(minutes=1)} minutes.")
        return await self._database.run(customer_id, partial(self._open, visitor, customer_id, words, duration))

    async def end(self, visitor: Visitor, customer_id: UUID, access_id: UUID) -> None:
        """Look no more. Raises NotFound; a second time changes nothing."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        await self._database.run(customer_id, partial(self._end, visitor, customer_id, access_id))

    async def mine(self, visitor: Visitor) -> tuple[Access, ...]:
        """What they have open now, what ends first first. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(self._now_open, visitor)
        return await self._database.read_across_customers(use_case, because="staff look what they have open")

    async def open_to(self, visitor: Visitor, customer_id: UUID) -> Access:
        """The access by which they may look at this customer's data, the longest. Raises NotAllowed or NoAccess."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        found = await self._database.read(customer_id, partial(self._now_open, visitor))
        if not found:
            raise NoAccess(because="Open one, with a reason.")
        return found[-1]

    async def as_seen_by(self, visitor: Visitor, customer_id: UUID) -> Visitor:
        """The visitor as whom they read that customer's data, and change nothing. Raises NotAllowed or NoAccess."""
        return (await self.open_to(visitor, customer_id)).as_seen_by(visitor)

    def _now_open(self, visitor: Visitor, session: CustomerSession) -> tuple[Access, ...]:
        now = self._clock.now()
        mine = select(StaffAccessRow).where(
            col(StaffAccessRow.staff_id) == visitor.user_id,
            col(StaffAccessRow.ended_at).is_(None),
            col(StaffAccessRow.opened_at) <= now,
            col(StaffAccessRow.expires_at) > now,
        )
        rows = session.exec(mine.order_by(col(StaffAccessRow.expires_at))).all()
        return tuple(_access(row, session.get_one(Customer, row.customer_id), now) for row in rows)

    def _open(
        self, visitor: Visitor, customer_id: UUID, reason: str, duration: timedelta, session: CustomerSession
    ) -> Access:
        now = self._clock.now()
        customer = session.exec(select(Customer)).first()
        if customer is None or customer.deleted_at is not None:
            raise NotFound(because="There is no such customer.")
        row = StaffAccessRow(
            customer_id=customer_id,
            id=uuid4(),
            staff_id=visitor.user_id,
            reason=reason,
            opened_at=now,
            expires_at=now + duration,
        )
        session.add(row)
        detail = {"access": str(row.id), "reason": reason, "until": row.expires_at.isoformat()}
        event = AuditEvent(AuditAction.STAFF_ACCESS_OPENED, visitor.actor, detail=detail)
        audit_log.record(session, customer_id, event, at=now)
        return _access(row, customer, now)

    def _end(self, visitor: Visitor, customer_id: UUID, access_id: UUID, session: CustomerSession) -> None:
        row = session.get(StaffAccessRow, (customer_id, access_id))
        if row is None or row.staff_id != visitor.user_id:
            raise NotFound(because="There is no such access.")
        if row.ended_at is None:
            now = self._clock.now()
            row.ended_at = now
            session.add(row)
            session.after_commit(partial(self.endings.publish, frozenset({access_id})))
            event = AuditEvent(AuditAction.STAFF_ACCESS_ENDED, visitor.actor, detail={"access": str(access_id)})
            audit_log.record(session, customer_id, event, at=now)


def _access(row: StaffAccessRow, customer: Customer, now: datetime) -> Access:
    return Access(row.id, row.customer_id, customer.name, row.reason, row.expires_at, row.expires_at - now)
