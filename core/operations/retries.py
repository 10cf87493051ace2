"""Trying a failed or stopped operation once more because a person says so; or now, if it waits for its time."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import Conflict
from core.notifications.outbox import tell_of_waiting
from core.operations.allowance import scope_of
from core.operations.beginning import Beginning
from core.operations.progress import ProgressBus
from core.operations.queue import JobQueue
from core.operations.retrying import record_retry
from core.operations.rows import operation_of, retry_of
from core.operations.service import AlreadyRunning
from core.operations.views import OperationView, view_of
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

BUSY = "Watch it, or stop it, under Operations."


class NothingToRetry(Conflict):
    """This can't be tried once more."""

    code: ClassVar[str] = "nothing_to_retry"


@dataclass(frozen=True)
class RetryDesk:
    """Where a person has an operation tried again."""

    database: Database
    queue: JobQueue
    progress: ProgressBus
    beginning: Beginning
    clock: Clock

    async def retry(self, visitor: Visitor, operation_id: UUID, because: str = "") -> OperationView:
        """The operation that tries this one once more; with the same scope, and the consent there is now.

        Where there is none, or the sign-in that it needs is not stored any more, it waits for a person. Who asks twice is
        given the same one; one that waits for its time begins at once. Raises NotFound, NothingToRetry or AlreadyRunning.
        """
        authorize(visitor, Action.OPERATE)
        try:
            return await self.database.run(visitor.customer_id, partial(self._retry, visitor, operation_id, because))
        except IntegrityError as error:
            raise AlreadyRunning(because=BUSY) from error

    def _retry(self, visitor: Visitor, operation_id: UUID, because: str, session: CustomerSession) -> OperationView:
        row = operation_of(session, operation_id, for_update=True)
        again = retry_of(session, row.id)
        if OperationStatus(row.status) is OperationStatus.PENDING and row.not_before:
            self._begin_now(visitor, row, session)
        elif again is not None:
            row = operation_of(session, again, for_update=True)
            self._same_again(visitor, row, session)
        else:
            self._check_over(row)
            row = self._new(visitor, row, because, session)
        for changed in {operation_id, row.id}:
            self.progress.publish(session, visitor.customer_id, changed)
        return view_of(row)

    def _check_over(self, row: OperationRow) -> None:
        status = OperationStatus(row.status)
        if not status.is_over or status is OperationStatus.COMPLETED:
            raise NothingToRetry(because=f"It is: {status.words.lower()}.")

    def _same_again(self, visitor: Visitor, again: OperationRow, session: CustomerSession) -> None:
        """Return if the try that there is goes on; one that waits for its time need not wait. Raises NothingToRetry."""
        if OperationStatus(again.status).is_over:
            raise NothingToRetry(because=f"It was tried once more, as operation {again.id}. Try that one again.")
        if again.status == OperationStatus.PENDING and again.not_before:
            self._begin_now(visitor, again, session)

    def _begin_now(self, visitor: Visitor, row: OperationRow, session: CustomerSession) -> None:
        """Let a worker have it before its time; if one has taken it meanwhile, nothing is to be done."""
        waits = update(OperationRow).where(
            col(OperationRow.id) == row.id,
            col(OperationRow.status) == OperationStatus.PENDING.value,
            col(OperationRow.not_before) > self.clock.now(),
        )
        if changed_one(session, waits, {"not_before": None}):
            self.queue.enqueue(session, row.customer_id, row.id)
            event = AuditEvent(AuditAction.OPERATION_TRIED_NOW, visitor.actor, row.id)
            audit_log.record(session, row.customer_id, event, at=self.clock.now())
        session.refresh(row)

    def _new(self, visitor: Visitor, failed: OperationRow, because: str, session: CustomerSession) -> OperationRow:
        now = self.clock.now()
        again = self.beginning.begin(session, visitor.user_id, scope_of(failed), now, retry_of=failed.id)
        record_retry(session, failed, again, visitor.actor, now, because)
        if visitor.is_program:
            tell_of_waiting(session, again, now)
        return again
