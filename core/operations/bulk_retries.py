"""Trying many failed operations once more: somebody's own, or, by staff who say why, those of any customer.

What staff can do by this is narrow:

1. Only what failed is tried, not what somebody has stopped, and each at most once.
2. It goes as far as the failed one did, at the same shop, under a consent of that customer which is in force, with the
   sign-in that they have stored. Where any of it is missing nothing begins, and nobody is asked for anything.
3. What begins waits in the queue as any other does (dispatch.py): of a hundred, no customer's run waits longer.
4. The customer reads of it in their audit: who, and why. Staff are told of each whether it begins, and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from core.agents.person import PersonDeclined
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import BadInput, Conflict, CoreError, NotFound
from core.operations.allowance import scope_of
from core.operations.retries import BUSY, NothingToRetry, RetryDesk
from core.operations.retrying import record_retry
from core.operations.rows import operation_of, retry_of
from core.operations.runs import MOST_AT_ONCE
from core.operations.service import AlreadyRunning
from core.operations.views import OperationView, view_of
from core.security.consent.consent import find_consent
from core.security.people.authorize import Action, authorize, may
from core.security.people.staff_access import LONGEST_REASON, SHORTEST_REASON, BadReason
from core.security.people.visitor import Visitor

ABSENT = NotFound(because="There is no such operation.")


class ConsentHasEnded(Conflict):
    """The customer's consent has ended."""

    code: ClassVar[str] = "consent_ended"


class SignInIsGone(Conflict):
    """The sign-in that it needs is not stored any more."""

    code: ClassVar[str] = "sign_in_gone"


class OwnerApproves(Conflict):
    """The shop's owner has to approve it anew."""

    code: ClassVar[str] = "owner_approves"


class WasStopped(Conflict):
    """It was stopped, and did not fail."""

    code: ClassVar[str] = "was_stopped"


@dataclass(frozen=True)
class RetryOutcome:
    """What came of one: `again` tries it once more, and stands like this; or `code` and `because` say why nothing does."""

    operation_id: UUID
    customer_id: UUID | None = None
    again: UUID | None = None
    status: OperationStatus | None = None
    code: str = ""
    because: str = ""


@dataclass(frozen=True)
class BulkRetries:
    """Where many are tried again at once; each is a transaction of its own, and none waits for another's."""

    desk: RetryDesk

    async def retry(self, visitor: Visitor, ids: Sequence[UUID], because: str = "") -> tuple[RetryOutcome, ...]:
        """What came of each, in their order. Raises NotAllowed, BadInput, or BadReason for a customer's without a reason."""
        authorize(visitor, Action.OPERATE)
        each, words = tuple(dict.fromkeys(ids)), " ".join(because.split())
        if not 1 <= len(each) <= MOST_AT_ONCE:
            raise BadInput(because=f"Name 1 to {MOST_AT_ONCE} operations.")
        whose = await self._owners(visitor, each)
        if any(owner != visitor.customer_id for owner in whose.values()):
            check_reason(words)
        return tuple([await self._outcome(visitor, one, whose.get(one), words) for one in each])

    async def _owners(self, visitor: Visitor, ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
        """Whose each is, of those that the visitor may have tried; another's is as if it were not there."""
        use_case = partial(_owners, ids)
        if not may(visitor, Action.RETRY_FOR_CUSTOMERS):
            return await self.desk.database.read(visitor.customer_id, use_case)
        why = "staff have customers' operations tried again"
        return await self.desk.database.read_across_customers(use_case, because=why)

    async def _outcome(
        self, visitor: Visitor, operation_id: UUID, customer_id: UUID | None, because: str
    ) -> RetryOutcome:
        try:
            if customer_id is None:
                raise ABSENT
            if customer_id == visitor.customer_id:
                again = await self.desk.retry(visitor, operation_id, because)
            else:
                again = await self._retry_for(visitor, customer_id, operation_id, because)
        except CoreError as error:
            return RetryOutcome(operation_id, customer_id, code=error.code, because=error.sentence)
        return RetryOutcome(operation_id, customer_id, again.id, again.status)

    async def _retry_for(self, visitor: Visitor, customer_id: UUID, operation_id: UUID, because: str) -> OperationView:
        authorize(visitor, Action.RETRY_FOR_CUSTOMERS)
        use_case = partial(self._begin, visitor, operation_id, because)
        try:
            return await self.desk.database.run(customer_id, use_case)
        except IntegrityError as error:
            raise AlreadyRunning(because=BUSY) from error

    def _begin(self, visitor: Visitor, operation_id: UUID, because: str, session: CustomerSession) -> OperationView:
        now, beginning = self.desk.clock.now(), self.desk.beginning
        failed = operation_of(session, operation_id, for_update=True)
        _check_failed(failed, retry_of(session, failed.id))
        scope = scope_of(failed)
        if find_consent(session, scope, at=now, text_version=beginning.text_version) is None:
            raise ConsentHasEnded(because="Only they can allow it anew.")
        if not beginning.can_sign_in(session, scope):
            raise SignInIsGone(because="Only they can enter it.")
        # In the name of whoever asked for the failed one: staff are no people of this company.
        again = beginning.begin(session, failed.requested_by, scope, now, retry_of=failed.id)
        if again.status != OperationStatus.PENDING:
            raise OwnerApproves(because="Only they can ask for that.")
        record_retry(session, failed, again, visitor.actor, now, because)
        for changed in (failed.id, again.id):
            self.desk.progress.publish(session, failed.customer_id, changed)
        return view_of(again)


def check_reason(words: str) -> None:
    """Return if a customer who reads this reason would know why. Raises BadReason."""
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise BadReason(because=f"Write {SHORTEST_REASON} to {LONGEST_REASON} characters.")


def _check_failed(row: OperationRow, again: UUID | None) -> None:
    status = OperationStatus(row.status)
    if again is not None:
        raise NothingToRetry(because="It was tried once more already.")
    if status is OperationStatus.CANCELLED or row.failure_code == PersonDeclined.code:
        raise WasStopped(because="Only they can have it tried again.")
    if status is not OperationStatus.FAILED:
        raise NothingToRetry(because=f"It is: {status.words.lower()}.")


def _owners(ids: Sequence[UUID], session: CustomerSession) -> Mapping[UUID, UUID]:
    mine = select(col(OperationRow.id), col(OperationRow.customer_id)).where(col(OperationRow.id).in_(ids))
    return {operation_id: customer_id for operation_id, customer_id in session.execute(mine)}
