"""What is kept only for a while: pictures for 30 days, details of the audit trail for a year. The chain itself stays.

1. What is about to be deleted is recorded in the customer's chain, and nothing refers to it any more: one transaction.
2. The files are deleted. A crash before that leaves files that are as old as before, and the next round begins with them.
3. Details and salts are erased together with the entry that says so: one transaction.

A second round finds nothing to do, and leaves no entry.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlmodel import select

from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.failures import FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.tables import Customer
from core.errors import CoreError
from core.operations.shown_pictures import show_no_more
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

log = logging.getLogger(__name__)

PICTURES_KEPT = timedelta(days=30)
DETAILS_KEPT = timedelta(days=365)
NAMED_AT_ONCE = 100  # pictures in one entry, which people read
ACTOR = "system"
PICTURES_GROUND = f"retention: pictures are kept for {PICTURES_KEPT.days} days"
DETAILS_GROUND = f"retention: details are kept for {DETAILS_KEPT.days} days"


@dataclass(frozen=True)
class PastRetention:
    """What of a customer is past its time, or was: pictures, and details of entries up to one."""

    customer_id: UUID
    pictures: int
    details: int

    @property
    def is_nothing(self) -> bool:
        """Whether all is within its time."""
        return not (self.pictures or self.details)


class RetentionFailed(CoreError):
    """What is past its time could not be deleted for everybody."""

    code: ClassVar[str] = "retention_failed"


class Retention:
    """Deletes what is past its time, customer by customer."""

    def __init__(self, database: Database, pictures: ScreenshotStore, clock: Clock) -> None:
        self._database = database
        self._pictures = pictures
        self._clock = clock

    async def due(self) -> tuple[PastRetention, ...]:
        """What a round would delete; nothing is changed."""
        found = [await self._due(customer_id) for customer_id in await self._customers()]
        return tuple(one for one in found if not one.is_nothing)

    async def purge(self) -> tuple[PastRetention, ...]:
        """One round: delete what is past its time, and record it. Raises RetentionFailed, once it was all over the customers."""
        done = {customer_id: await self._purge_or_tell(customer_id) for customer_id in await self._customers()}
        deleted = tuple(one for one in done.values() if one and not one.is_nothing)
        for one in deleted:
            log.info(
                "customer %s: retention deleted %d pictures, %d details", one.customer_id, one.pictures, one.details
            )
        if failed := [customer_id for customer_id, one in done.items() if one is None]:
            raise RetentionFailed(because=f"Customer{'s' * (len(failed) > 1)} {', '.join(map(str, failed))}.")
        return deleted

    async def _customers(self) -> tuple[UUID, ...]:
        return await self._database.read_across_customers(
            lambda session: tuple(session.exec(select(Customer.id))), because="retention holds for every customer"
        )

    async def _due(self, customer_id: UUID) -> PastRetention:
        now = self._clock.now()
        pictures = await self._pictures.kept_before(customer_id, now - PICTURES_KEPT)
        look = partial(audit_log.erasable, customer_id=customer_id, before=now - DETAILS_KEPT)
        return PastRetention(customer_id, len(pictures), (await self._database.read(customer_id, look)).details)

    async def _purge_or_tell(self, customer_id: UUID) -> PastRetention | None:
        try:
            return await self._purge(customer_id)
        except FAILURES as error:
            log.error("ALERT: customer %s: retention failed, what is past its time stays: %s", customer_id, told(error))  # noqa: TRY400  known, and said whole
            return None

    async def _purge(self, customer_id: UUID) -> PastRetention:
        now = self._clock.now()
        pictures = await self._pictures.kept_before(customer_id, now - PICTURES_KEPT)
        if pictures:
            await self._database.run(customer_id, partial(self._record, customer_id, pictures))
            await self._pictures.delete(customer_id, pictures)
        erased = await self._database.run(customer_id, partial(self._erase, customer_id))
        return PastRetention(customer_id, len(pictures), erased)

    def _record(self, customer_id: UUID, pictures: Sequence[UUID], session: CustomerSession) -> None:
        now = self._clock.now()
        record_deleted_pictures(session, customer_id, pictures, ACTOR, because=PICTURES_GROUND, at=now)

    def _erase(self, customer_id: UUID, session: CustomerSession) -> int:
        now = self._clock.now()
        past = audit_log.erasable(session, customer_id, before=now - DETAILS_KEPT)
        if not past.details:
            return 0
        erased = audit_log.erase_details(session, customer_id, past.up_to, because=DETAILS_GROUND, actor=ACTOR, at=now)
        return erased.details


def record_deleted_pictures(
    session: CustomerSession, customer_id: UUID, pictures: Sequence[UUID], actor: str, *, because: str, at: datetime
) -> None:
    """Record that these are about to be deleted, and have nothing refer to them any more: in the caller's transaction."""
    for some in (pictures[first : first + NAMED_AT_ONCE] for first in range(0, len(pictures), NAMED_AT_ONCE)):
        show_no_more(session, customer_id, some)
        ids = ",".join(one.hex for one in some)
        detail: dict[str, str | int | bool | None]
        detail = {"pictures": len(some), "ids": ids, "ground": because, "requester": actor}
        event = AuditEvent(AuditAction.PICTURES_DELETED, actor, detail=detail)
        audit_log.record(session, customer_id, event, at=at)
