"""What follows from consents without anybody asking: they lapse, and pictures that nobody allows to keep are deleted.

1. A consent past its day has expired; one given to words that hold no more is invalidated, once nothing stands on it.
2. Pictures of an operation that is over for an hour are deleted, unless the customer allows that they are kept.

A second round finds nothing to do, and leaves no entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import ConsentEnding
from core.database.tables import Customer, OperationRow, StepRow, WorkflowChangeRow
from core.operations.allowance import FIRST_TEXT, consent_under, scope_of
from core.operations.rows import open_operations
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import Purpose
from core.security.consent.consent import consents, end_consent
from core.security.consent.consent_text import major

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
            await self.database.run(customer_id, self._end_what_has_lapsed)
        await purge_pictures_without_consent(self)

    async def customers(self) -> tuple[UUID, ...]:
        """Every customer's id."""
        return await self.database.run_across_customers(
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
    """Delete the pictures that nobody allows to keep: first it is recorded, then the files go; how many.

    A crash in between leaves files that no page refers to any more; retention deletes them by their age.
    """
    deleted = 0
    for customer_id in await rounds.customers():
        found = await rounds.database.run(customer_id, partial(_forget_pictures, customer_id, rounds.clock.now()))
        await rounds.pictures.delete(customer_id, found)
        deleted += len(found)
    return deleted


def _forget_pictures(customer_id: UUID, now: datetime, session: CustomerSession) -> Sequence[UUID]:
    """The pictures that have to go; what showed them does not any more, and the chain says so."""
    with_pictures = (
        select(OperationRow, StepRow.picture_id)
        .join(
            StepRow,
            (col(StepRow.customer_id) == OperationRow.customer_id) & (col(StepRow.operation_id) == OperationRow.id),
        )
        .where(col(StepRow.picture_id).is_not(None), col(OperationRow.finished_at) <= now - SHOWN_FOR)
    )
    found: dict[UUID, list[UUID]] = {}
    rows: dict[UUID, OperationRow] = {}
    for row, picture_id in session.exec(with_pictures):
        if picture_id is not None:
            rows[row.id] = row
            found.setdefault(row.id, []).append(picture_id)
    gone = [
        one
        for operation_id, pictures in found.items()
        if not _may_be_kept(session, rows[operation_id])
        for one in pictures
    ]
    for some in (gone[at : at + NAMED_AT_ONCE] for at in range(0, len(gone), NAMED_AT_ONCE)):
        _forget(session, customer_id, some, now)
    return gone


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
    for table in (StepRow, WorkflowChangeRow):
        shown = update(table).where(col(table.customer_id) == customer_id, col(table.picture_id).in_(pictures))
        session.execute(shown.values(picture_id=None), execution_options={"synchronize_session": False})
    ids = ",".join(one.hex for one in pictures)
    detail: dict[str, str | int | bool | None]
    detail = {"pictures": len(pictures), "ids": ids, "ground": GROUND, "requester": ACTOR}
    audit_log.record(session, customer_id, AuditEvent(AuditAction.PICTURES_DELETED, ACTOR, detail=detail), at=now)
