"""Sends what is due, of all customers; to be called every few seconds, by any number of processes."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, or_, select

from core.clock import Clock
from core.database.failures import AWAY, FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.tables import NotificationRow
from core.notifications.delivery import Delivery

log = logging.getLogger(__name__)

AT_ONCE = 8  # sends under way
MOST_OF_ONE = 5  # of one customer in a round, so that one whose receiver does not answer keeps nobody else waiting
MOST_OF_ALL = 100  # in a round
KEPT = timedelta(days=30)  # what was sent or given up, so that one can see what was told


@dataclass(frozen=True)
class NotificationRounds:
    """Goes round the outboxes of all customers."""

    database: Database
    delivery: Delivery
    clock: Clock
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), compare=False, repr=False)

    async def round(self) -> None:
        """One round. What fails for one customer is logged, and the others have their turn."""
        due = await self.database.read_across_customers(
            partial(_due, now=self.clock.now()), because="notifications are due for every customer"
        )
        ended = await asyncio.gather(*(self._deliver(*one) for one in due), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def purge(self) -> None:
        """Delete what was sent or given up long ago."""
        past = partial(_delete_past, before=self.clock.now() - KEPT)
        await self.database.run_across_customers(past, because="notifications are kept for a while")

    async def _deliver(self, customer_id: UUID, notification_id: UUID) -> None:
        async with self._slots:
            try:
                await self.delivery.deliver(customer_id, notification_id)
            except AWAY:
                raise
            except FAILURES as error:
                log.error("ALERT: notification %s was not sent: %s", notification_id, told(error))  # noqa: TRY400  said whole


def _due(session: CustomerSession, now: datetime) -> tuple[tuple[UUID, UUID], ...]:
    """Customer and id of what is due, the longest due first; of each customer no more than a few."""
    in_order = (col(NotificationRow.next_at), col(NotificationRow.id))
    place = func.row_number().over(partition_by=col(NotificationRow.customer_id), order_by=in_order)
    waiting = (
        select(NotificationRow.customer_id, NotificationRow.id, NotificationRow.next_at, place.label("place"))
        .where(
            col(NotificationRow.sent_at).is_(None),
            col(NotificationRow.given_up_at).is_(None),
            col(NotificationRow.next_at) <= now,
        )
        .subquery()
    )
    few = select(waiting.c.customer_id, waiting.c.id).where(waiting.c.place <= MOST_OF_ONE)
    few = few.order_by(waiting.c.next_at, waiting.c.id).limit(MOST_OF_ALL)
    return tuple((customer_id, its_id) for customer_id, its_id in session.exec(few))


def _delete_past(session: CustomerSession, before: datetime) -> None:
    past = or_(col(NotificationRow.sent_at) < before, col(NotificationRow.given_up_at) < before)
    session.exec(delete(NotificationRow).where(past), execution_options={"synchronize_session": False})
