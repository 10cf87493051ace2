"""Where a customer's owner asks for all that is known of their company, or for it to be forgotten."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import IO, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col, select

from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.states import PrivacyKind
from core.database.tables import PrivacyRequestRow
from core.errors import Refused
from core.privacy.certificate import Certificate
from core.privacy.deletion import Deletions
from core.privacy.export import Exports
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.authorize import Action, authorize
from core.security.people.people import People
from core.security.people.proof import Proof
from core.security.people.sessions import digest
from core.security.people.visitor import Visitor

ANSWERED_WITHIN = timedelta(days=30)  # GDPR Art. 12(3): one month; what one asks for here is answered at once
CONFIRMED_WITHIN = timedelta(minutes=15)


class NotConfirmed(Refused):
    """This does not confirm the deletion."""

    code: ClassVar[str] = "not_confirmed"


@dataclass(frozen=True)
class AskedDeletion:
    """A deletion that was asked for: what confirms it, once, and until when."""

    request_id: UUID
    confirmation: str
    confirm_before: datetime


class PrivacyDesk:
    """Exports and deletes, for whoever may speak for the company and has just shown that it is they."""

    def __init__(
        self, database: Database, people: People, exports: Exports, deletions: Deletions, clock: Clock
    ) -> None:
        self._database = database
        self._people = people
        self._exports = exports
        self._deletions = deletions
        self._clock = clock

    async def export(self, visitor: Visitor, proof: Proof, file: IO[bytes]) -> None:
        """Write all that is known of the company as a zip. That it was asked for is recorded before.

        Raises NotAllowed, WrongSignIn or TooManyTries.
        """
        await self._check(visitor, proof)
        request_id = await self._database.run(
            visitor.customer_id, partial(self._asked, visitor, PrivacyKind.EXPORT, None)
        )
        await self._exports.write(visitor.customer_id, visitor.actor, file)
        await self._database.run(visitor.customer_id, partial(self._done, request_id))

    async def ask_to_delete(self, visitor: Visitor, proof: Proof) -> AskedDeletion:
        """The first of two steps: nothing is deleted yet. Raises NotAllowed, WrongSignIn or TooManyTries."""
        await self._check(visitor, proof)
        confirmation, now = secrets.token_urlsafe(24), self._clock.now()
        asked = partial(self._asked, visitor, PrivacyKind.DELETE, digest(confirmation))
        request_id = await self._database.run(visitor.customer_id, asked)
        return AskedDeletion(request_id, confirmation, now + CONFIRMED_WITHIN)

    async def delete(self, visitor: Visitor, confirmation: str) -> Certificate:
        """The second step: delete the company's data, and give the proof of it. Raises NotAllowed or NotConfirmed."""
        authorize(visitor, Action.PRIVACY)
        await self._database.run(visitor.customer_id, partial(self._confirmed, visitor, digest(confirmation)))
        return await self._deletions.delete(visitor.customer_id, visitor.actor)

    async def _check(self, visitor: Visitor, proof: Proof) -> None:
        authorize(visitor, Action.PRIVACY)
        if visitor.scopes is None:  # a token was made for this, by who showed their password then
            await self._people.check_password(visitor.email, proof.password.reveal(), proof.address)

    # What follows runs in a thread, each as one transaction.

    def _asked(
        self, visitor: Visitor, kind: PrivacyKind, confirmation_sha256: str | None, session: CustomerSession
    ) -> UUID:
        now = self._clock.now()
        row = PrivacyRequestRow(
            customer_id=visitor.customer_id,
            id=uuid4(),
            kind=kind,
            asked_by=visitor.actor,
            asked_at=now,
            due_at=now + ANSWERED_WITHIN,
            confirmation_sha256=confirmation_sha256,
        )
        session.add(row)
        action = AuditAction.EXPORT_ASKED if kind is PrivacyKind.EXPORT else AuditAction.DELETION_ASKED
        event = AuditEvent(action, visitor.actor, detail={"request": str(row.id)})
        audit_log.record(session, visitor.customer_id, event, at=now)
        return row.id

    def _confirmed(self, visitor: Visitor, confirmation_sha256: str, session: CustomerSession) -> None:
        """Whoever asked confirms, in time and once."""
        now = self._clock.now()
        asked = update(PrivacyRequestRow).where(
            col(PrivacyRequestRow.confirmation_sha256) == confirmation_sha256,
            col(PrivacyRequestRow.asked_by) == visitor.actor,
            col(PrivacyRequestRow.asked_at) > now - CONFIRMED_WITHIN,
        )
        if not changed_one(session, asked, {"confirmed_at": now, "confirmation_sha256": None}):
            raise NotConfirmed(because="Ask for the deletion anew; nothing was deleted.")

    def _done(self, request_id: UUID, session: CustomerSession) -> None:
        row = session.exec(select(PrivacyRequestRow).where(col(PrivacyRequestRow.id) == request_id)).one()
        row.done_at = self._clock.now()
        session.add(row)
