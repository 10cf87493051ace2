"""A shop's owner approves in their own browser: the address they go to, and the key that the shop then sends.

What proves that an answer belongs to a question is its state: 32 random bytes, known here by their SHA-256 alone, bound
to one operation, one shop and one scope, good for one answer within a quarter of an hour. A newer question voids it.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, update
from sqlmodel import col, func, select

from core.agents.approval import AskedApproval, OwnerApproval, SentKey
from core.agents.integration import Integrations
from core.agents.minting import KEY_KEPT
from core.agents.task import MADE
from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.states import ApprovalEnding, OperationStatus
from core.database.tables import AuditRow, OperationRow, OwnerApprovalRow
from core.errors import Conflict, Refused
from core.operations.allowance import check_allowed, scope_of
from core.operations.progress import ProgressBus
from core.operations.queue import JobQueue
from core.operations.return_address import ReturnAddress
from core.operations.rows import operation_of
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.consent import ConsentMissing
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.security.people.sessions import digest
from core.security.secret import Secret
from core.security.vault.vault import SecretRef, Vault

STATE_BYTES = 32  # nobody guesses 256 bits
VALID_FOR = timedelta(minutes=15)  # enough to sign in to a shop and read its page, and too short for a found link
MOST_RECORDED = 20  # refused answers of one operation; whoever holds an old state can't fill the audit chain with it
CALLBACKS = "/api/autonomous/callbacks"  # below it, a place for each service
SHOP = "shop"  # who acts, as the audit names it


class NothingToApprove(Conflict):
    """This operation does not wait for an approval."""

    code: ClassVar[str] = "nothing_to_approve"


class ApprovalRefused(Refused):
    """This answer is not awaited here."""

    code: ClassVar[str] = "approval_refused"


@dataclass(frozen=True)
class Approval:
    """Where the shop's owner approves, and until when. The address holds a secret: it is for the owner alone."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class ApprovalTools:
    """What the desk works with."""

    database: Database
    queue: JobQueue
    progress: ProgressBus
    integrations: Integrations
    vault: Vault
    ours: ReturnAddress
    clock: Clock


class ApprovalDesk:
    """Where an owner's approval is asked for, given and declined."""

    def __init__(self, tools: ApprovalTools) -> None:
        self._tools = tools

    @property
    def ours(self) -> ReturnAddress:
        """Where keys are sent to, and whether they may be."""
        return self._tools.ours

    async def begin(self, visitor: Visitor, operation_id: UUID) -> Approval:
        """A fresh address to approve at; the one before is void. Raises NotFound, NothingToApprove or ConsentMissing."""
        authorize(visitor, Action.OPERATE)
        use_case = partial(self._begin, visitor, operation_id, Secret(secrets.token_urlsafe(STATE_BYTES)))
        return await self._tools.database.run(visitor.customer_id, use_case)

    async def take(self, sent: SentKey) -> None:
        """Take a key in that a shop sends, and let the operation go on with it: one transaction.

        Raises ApprovalRefused, which never tells the reason: whoever sends it may be anybody.
        """
        state_sha256 = digest(sent.state.reveal())
        found = await self._tools.database.run_across_customers(
            partial(_find, state_sha256), because="a shop's answer says by its state whose it is"
        )
        if found is None:
            raise ApprovalRefused
        customer_id, operation_id = found
        use_case = partial(self._take, operation_id, state_sha256, sent)
        if not await self._tools.database.run(customer_id, use_case):
            raise ApprovalRefused

    async def decline(self, visitor: Visitor, operation_id: UUID, state: Secret) -> bool:
        """The owner came back from the shop and had said no; whether that is so. The state is void from then on."""
        authorize(visitor, Action.OPERATE)
        use_case = partial(self._decline, visitor, operation_id, digest(state.reveal()))
        return await self._tools.database.run(visitor.customer_id, use_case)

    # What follows runs in a thread, each as one transaction; operations are locked first, as every run does.

    def _begin(self, visitor: Visitor, operation_id: UUID, state: Secret, session: CustomerSession) -> Approval:
        now = self._tools.clock.now()
        row = operation_of(session, operation_id, for_update=True)
        if row.status != OperationStatus.AWAITING_INPUT:
            raise NothingToApprove(because=f"It is: {OperationStatus(row.status).words.lower()}.")
        approval, scope = self._approval_of(row), scope_of(row)
        self.ours.check(scope.origin)
        check_allowed(session, row, now)
        _end(session, ApprovalEnding.REPLACED, now, col(OwnerApprovalRow.operation_id) == row.id)
        asked = OwnerApprovalRow(
            customer_id=row.customer_id,
            id=uuid4(),
            operation_id=row.id,
            store_origin=row.store_origin,
            scope=approval.scope(scope.permissions),
            state_sha256=digest(state.reveal()),
            created_at=now,
            expires_at=now + VALID_FOR,
        )
        session.add(asked)
        self._audit(session, asked, AuditAction.APPROVAL_ASKED, visitor.actor)
        return Approval(approval.address(self._asked(approval, asked, state)), asked.expires_at)

    def _take(self, operation_id: UUID, state_sha256: str, sent: SentKey, session: CustomerSession) -> bool:
        """Whether the key was taken in. The first answer uses the state up, whatever comes of it."""
        row = operation_of(session, operation_id, for_update=True)
        asked = session.exec(select(OwnerApprovalRow).where(col(OwnerApprovalRow.state_sha256) == state_sha256)).one()
        objection = self._objection(session, asked, row, sent)
        ending = ApprovalEnding.REFUSED if objection else ApprovalEnding.GIVEN
        first = _end(session, ending, self._tools.clock.now(), col(OwnerApprovalRow.id) == asked.id)
        if objection or not first:
            self._record_refusal(session, asked, objection)
            return False
        self._keep(session, row, asked, sent)
        return True

    def _decline(self, visitor: Visitor, operation_id: UUID, state_sha256: str, session: CustomerSession) -> bool:
        row = operation_of(session, operation_id, for_update=True)
        with_it = select(OwnerApprovalRow).where(col(OwnerApprovalRow.state_sha256) == state_sha256)
        asked = session.exec(with_it.where(col(OwnerApprovalRow.operation_id) == row.id)).first()
        if asked is None:
            return False
        declined = _end(session, ApprovalEnding.DECLINED, self._tools.clock.now(), col(OwnerApprovalRow.id) == asked.id)
        if declined:
            self._audit(session, asked, AuditAction.APPROVAL_DECLINED, visitor.actor)
        return declined

    def _objection(self, session: CustomerSession, asked: OwnerApprovalRow, row: OperationRow, sent: SentKey) -> str:
        """Why an answer is not taken, in words for the customer's audit; empty if it is."""
        now, status, kind = self._tools.clock.now(), OperationStatus(row.status), self._approval_of(row).kind
        elsewhere = (sent.service, asked.store_origin) != (row.service, row.store_origin)
        objections = (
            (asked.ended_at is not None, f"the address was {asked.ending} before"),
            (now >= asked.expires_at, "it came too late"),
            (status is not OperationStatus.AWAITING_INPUT, f"the operation is: {status.words.lower()}"),
            (elsewhere, "it was asked for elsewhere"),
            (sent.permission != asked.scope, "the key can do something else than was asked for"),
            (elsewhere or not kind.fits(sent.key), f"what was sent is no {kind.noun}"),
        )
        first = next((why for applies, why in objections if applies), "")
        try:
            check_allowed(session, row, now)
        except ConsentMissing as error:
            return first or error.sentence
        return first

    def _keep(self, session: CustomerSession, row: OperationRow, asked: OwnerApprovalRow, sent: SentKey) -> None:
        """Seal the key under names of its own until it is proven, and let the operation go on with it."""
        kind, now = self._approval_of(row).kind, self._tools.clock.now()
        for part, name in zip(kind.parts, kind.unproven, strict=True):
            ref = SecretRef(row.service, Origin.of(row.store_origin), name)
            self._tools.vault.store(session, row.customer_id, ref, sent.key[part], at=now, actor=SHOP)
        row.checkpoint = {"done": sorted({*row.checkpoint.get("done", ()), MADE, KEY_KEPT})}
        row.status = OperationStatus.PENDING
        session.add(row)
        self._tools.queue.enqueue(session, row.customer_id, row.id)
        self._audit(session, asked, AuditAction.APPROVAL_GIVEN, SHOP, key=kind.masked(sent.key))
        self._tools.progress.publish(session, row.customer_id, row.id)

    def _record_refusal(self, session: CustomerSession, asked: OwnerApprovalRow, why: str) -> None:
        refusals = select(func.count()).select_from(AuditRow).where(col(AuditRow.operation_id) == asked.operation_id)
        refused = col(AuditRow.action) == AuditAction.APPROVAL_REFUSED.value
        if session.exec(refusals.where(refused)).one() < MOST_RECORDED:
            self._audit(session, asked, AuditAction.APPROVAL_REFUSED, SHOP, because=why)

    def _approval_of(self, row: OperationRow) -> OwnerApproval:
        approval = self._tools.integrations.get(row.service, row.operation).approval
        if approval is None:
            raise NothingToApprove
        return approval

    def _asked(self, approval: OwnerApproval, asked: OwnerApprovalRow, state: Secret) -> AskedApproval:
        return AskedApproval(
            origin=Origin.of(asked.store_origin),
            app_name=approval.kind.name(asked.operation_id),
            scope=asked.scope,
            state=state,
            callback_url=f"{self.ours.url}{CALLBACKS}/{approval.kind.service}",
            return_url=f"{self.ours.url}/operations/{asked.operation_id}",
        )

    def _audit(
        self, session: CustomerSession, asked: OwnerApprovalRow, action: AuditAction, actor: str, **more: str
    ) -> None:
        detail = {"shop": asked.store_origin, "scope": asked.scope} | more
        event = AuditEvent(action, actor, asked.operation_id, detail)
        audit_log.record(session, asked.customer_id, event, at=self._tools.clock.now())


def _find(state_sha256: str, session: CustomerSession) -> tuple[UUID, UUID] | None:
    """Whose approval was asked for with this state, and for which operation."""
    asked = select(OwnerApprovalRow.customer_id, OwnerApprovalRow.operation_id)
    return session.exec(asked.where(col(OwnerApprovalRow.state_sha256) == state_sha256)).first()


def _end(session: CustomerSession, ending: ApprovalEnding, now: datetime, which: ColumnElement[bool]) -> bool:
    """Whether one was still open, and has now ended like this."""
    still_open = update(OwnerApprovalRow).where(which, col(OwnerApprovalRow.ended_at).is_(None))
    return changed_one(session, still_open, {"ended_at": now, "ending": ending.value})
