"""A customer's audit trail, read, verified and taken away by the customer."""

import asyncio
from functools import partial
from typing import IO
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.tables import AuditRow, User
from core.operations.entry_filter import PERSON, By, EntryFilter
from core.security.audit import audit_export, audit_log
from core.security.audit.audit_log import AuditAction, AuditEntry, AuditEvent, Verification
from core.security.audit.checkpoint import Checkpoint
from core.security.audit.checkpoints import Checkpoints, checkpoint_over
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

MOST_ENTRIES = 500  # in one answer
EXPORTS_AT_ONCE = 2  # each reads a whole chain


class AuditTrail:
    """Reads, verifies and exports; writing is done by who acts, in the transaction of the act."""

    def __init__(self, database: Database, checkpoints: Checkpoints, clock: Clock) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._clock = clock
        self._exporting = asyncio.Semaphore(EXPORTS_AT_ONCE)

    async def read(
        self, visitor: Visitor, operation_id: UUID | None = None, before_seq: int | None = None, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """Entries, the newest first; of one operation, if it is given. Raises NotAllowed."""
        authorize(visitor, Action.READ_AUDIT)
        use_case = partial(
            audit_log.read, operation_id=operation_id, before_seq=before_seq, limit=min(limit, MOST_ENTRIES)
        )
        return await self._database.read(visitor.customer_id, use_case)

    async def page(
        self, visitor: Visitor, wanted: EntryFilter, before_seq: int | None = None, limit: int = 100
    ) -> tuple[tuple[AuditEntry, By], ...]:
        """Entries that fit, the newest first, and by whom each is. Raises NotAllowed."""
        authorize(visitor, Action.READ_AUDIT)

        def look(session: CustomerSession) -> tuple[tuple[AuditEntry, By], ...]:
            people = {f"{PERSON}{one}" for one in session.exec(select(User.id))}
            conditions = wanted.conditions(people)
            found = audit_log.read(session, before_seq=before_seq, limit=min(limit, MOST_ENTRIES), where=conditions)
            return tuple((entry, By.of(entry.actor, people)) for entry in found)

        return await self._database.read(visitor.customer_id, look)

    async def verify(self, visitor: Visitor) -> Verification:
        """Whether every entry is as it was written, none is missing, and all fits what was signed, here and outside."""
        authorize(visitor, Action.READ_AUDIT)
        evidence = await self._checkpoints.evidence(visitor.customer_id)
        look = partial(audit_log.verify, customer_id=visitor.customer_id, evidence=evidence)
        return await self._database.read(visitor.customer_id, look)

    async def receipt(self, visitor: Visitor, operation_id: UUID) -> Checkpoint | None:
        """The checkpoint over everything that was recorded of an operation so far; none before it is signed for."""
        authorize(visitor, Action.READ_AUDIT)

        def look(session: CustomerSession) -> Checkpoint | None:
            last = select(func.max(AuditRow.seq)).where(col(AuditRow.operation_id) == operation_id)
            seq = session.exec(last).one()
            return checkpoint_over(session, visitor.customer_id, seq) if seq else None

        return await self._database.read(visitor.customer_id, look)

    def public_key(self) -> str:
        """What every signature of ours is checked with, as PEM: the key in use, then those before it."""
        return "".join(key.pem() for key in self._checkpoints.keys.known().values())

    async def export(self, visitor: Visitor, file: IO[bytes]) -> None:
        """Write the whole chain, with all that it takes to verify it elsewhere, as a zip. The export is an entry, too."""
        authorize(visitor, Action.READ_AUDIT)
        await self.export_of(visitor.customer_id, visitor.actor, file)

    async def export_of(self, customer_id: UUID, actor: str, file: IO[bytes]) -> None:
        """The same, for whoever may have any customer's: an operator at the terminal."""
        event = AuditEvent(AuditAction.AUDIT_EXPORTED, actor)
        async with self._exporting:
            await self._database.run(
                customer_id, partial(audit_log.record, customer_id=customer_id, event=event, at=self._clock.now())
            )
            await self._checkpoints.keep(customer_id)
            write = partial(
                audit_export.write,
                customer_id=customer_id,
                keys=audit_export.Signers.of(self._checkpoints.keys),
                at=self._clock.now(),
                file=file,
            )
            await self._database.read(customer_id, write)
