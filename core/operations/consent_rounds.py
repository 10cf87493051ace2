"""What follows from consents without anybody asking: they lapse, and pictures that nobody allows to keep are deleted.

1. A consent past its day has expired; one given to words that hold no more is invalidated, once nothing stands on it.
2. Pictures of an operation that is over for an hour are deleted, unless the customer allows that they are kept.
3. So are those that nothing shows: a crash has left them, or a later attempt at the same step has one of its own.

A second round finds nothing to do, and leaves no entry.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import select

from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable, ScreenshotStore
from core.clock import Clock
from core.database.failures import AWAY, FAILURES, told
from core.database.session import CustomerSession, Database
from core.database.states import ConsentEnding
from core.database.tables import Customer, OperationRow
from core.operations.allowance import FIRST_TEXT, consent_under, scope_of
from core.operations.picture_check import recorded_as_deleted
from core.operations.rows import open_operations
from core.operations.shown_pictures import pictures_of_what_ended, show_no_more, shown_by_nothing
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import Purpose
from core.security.consent.consent import consents, end_consent
from core.security.consent.consent_text import major

log = logging.getLogger(__name__)

SHOWN_FOR = timedelta(hours=1)  # after the end: whoever watches sees how it went, and can allow that it is kept
NAMED_AT_ONCE = 100  # pictures in one entry, which people read
ACTOR = "system"
GROUND = "the customer does not allow that they are kept"


@dataclass(frozen=True)
class ConsentRounds:
    """Goes round all customers."""

    database: Database
    pictures: ScreenshotStore
    clock: Clock
    text_version: str

    async def round(self) -> None:
        """One round."""
        for customer_id in await self.customers():
            try:
                await self.database.run(customer_id, self._end_what_has_lapsed)
            except AWAY:
                raise  # for every customer
            except FAILURES as error:
                log.error("ALERT: consents of customer %s did not lapse: %s", customer_id, told(error))  # noqa: TRY400  said whole
        await purge_pictures_without_consent(self)

    async def customers(self) -> tuple[UUID, ...]:
        """Every customer's id."""
        return await self.database.read_across_customers(
            lambda session: tuple(session.exec(select(Customer.id))), because="consents lapse for every customer"
        )

    def _end_what_has_lapsed(self, session: CustomerSession) -> None:
        now, stand_on = self.clock.now(), {row.consent_id for row in open_operations(session)}
        for one in consents(session):
            if one.ended_at is not None or one.id in stand_on:
                continue
            if now >= one.expires_at:
                end_consent(session, ACTOR, one.id, ConsentEnding.EXPIRED, at=now)
            elif major(one.text_version) != major(self.text_version) and not stand_on:
                because = f"its text was replaced by {self.text_version}"
                end_consent(session, ACTOR, one.id, ConsentEnding.INVALIDATED, at=now, because=because)


async def purge_pictures_without_consent(rounds: ConsentRounds) -> int:
    """Delete the pictures that nobody allows to keep, and those that nothing shows: first it is recorded, then the files go.

    Returns how many. What could not be deleted is told, and tried again in the next round.
    """
    deleted = 0
    for customer_id in await rounds.customers():
        try:
            deleted += await _purge(rounds, customer_id)
        except PicturesUnavailable as error:  # the next customer's go all the same, if anything goes
            log.error("ALERT: pictures of customer %s were not deleted: %s", customer_id, error)  # noqa: TRY400  said whole
            if isinstance(error, PicturesOutOfReach):
                break
        except AWAY:
            raise
        except FAILURES as error:
            log.error("ALERT: pictures of customer %s were not looked through: %s", customer_id, told(error))  # noqa: TRY400  said whole
    return deleted


async def _purge(rounds: ConsentRounds, customer_id: UUID) -> int:
    old = await rounds.pictures.kept_before(customer_id, rounds.clock.now() - SHOWN_FOR)
    found = await rounds.database.run(customer_id, partial(_forget_pictures, customer_id, old, rounds.clock.now()))
    await rounds.pictures.delete(customer_id, found)
    return len(found)


def _forget_pictures(customer_id: UUID, old: Sequence[UUID], now: datetime, session: CustomerSession) -> Sequence[UUID]:
    """The pictures that have to go; what showed them does not any more, and the chain says so, once."""
    left = shown_by_nothing(session, old)
    told_before = recorded_as_deleted(session, customer_id) if left else frozenset()
    gone = [
        one
        for row, pictures in pictures_of_what_ended(session, now - SHOWN_FOR)
        if not _may_be_kept(session, row)
        for one in pictures
    ]
    told = [*gone, *(one for one in left if one not in told_before)]
    for some in (told[at : at + NAMED_AT_ONCE] for at in range(0, len(told), NAMED_AT_ONCE)):
        _forget(session, customer_id, some, now)
    return [*gone, *left]


def _may_be_kept(session: CustomerSession, row: OperationRow) -> bool:
    """Whether the newest word of the customer is that the pictures of this operation may be kept."""
    place = scope_of(row).for_purpose(Purpose.KEEP_PICTURES).place
    newest = next((one for one in consents(session) if one.scope.place == place), None)
    if newest is None:
        act = consent_under(session, row)
        return act is not None and major(act.text_version) == FIRST_TEXT  # it told of them
    over = row.finished_at or newest.granted_at
    return newest.ended_as is not ConsentEnding.WITHDRAWN and over < newest.expires_at


def _forget(session: CustomerSession, customer_id: UUID, pictures: Sequence[UUID], now: datetime) -> None:
    show_no_more(session, customer_id, pictures)
    ids = ",".join(one.hex for one in pictures)
    detail: dict[str, str | int | bool | None]
    detail = {"pictures": len(pictures), "ids": ids, "ground": GROUND, "requester": ACTOR}
    audit_log.record(session, customer_id, AuditEvent(AuditAction.PICTURES_DELETED, ACTOR, detail=detail), at=now)
