"""Changes of learnt steps: a healed step proposes one, staff decide on it, and what they accept serves later runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from core.agents.task import Healing
from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.states import ChangeState
from core.database.tables import Customer, OperationRow, SharedChangeRow, WorkflowChangeRow
from core.errors import Conflict, NotFound
from core.operations.change_views import ChangeView, views
from core.operations.sharing import check_for_all
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.workflows.locator import Locator
from core.workflows.overlay import AcceptedChange, locator_sha256, step_sha256
from core.workflows.registry import WorkflowRegistry

STAFF_DECIDE = "staff decide on changes of learnt workflows, whichever customer they were seen at"


class AlreadyDecided(Conflict):
    """Somebody has decided on this change already."""

    code: ClassVar[str] = "change_decided"


@dataclass(frozen=True)
class HealedAt:
    """Which line of whose operation was healed, by whom for the audit, and its picture."""

    customer_id: UUID
    operation_id: UUID
    position: int
    actor: str
    picture_id: UUID | None = None


@dataclass(frozen=True)
class Ruling:
    """One thing that staff may decide: on what it can be decided, what it makes of it, and how the audit calls it."""

    on: frozenset[ChangeState]
    makes: ChangeState
    action: AuditAction


C = ChangeState
ACCEPT = Ruling(frozenset({C.PROPOSED}), C.ACCEPTED, AuditAction.CHANGE_ACCEPTED)
SHARE = Ruling(frozenset({C.PROPOSED, C.ACCEPTED}), C.SHARED, AuditAction.CHANGE_SHARED)
REFUSE = Ruling(frozenset({C.PROPOSED}), C.REFUSED, AuditAction.CHANGE_REFUSED)
WITHDRAW = Ruling(frozenset({C.ACCEPTED, C.SHARED}), C.REFUSED, AuditAction.CHANGE_WITHDRAWN)


def propose(session: CustomerSession, healing: Healing, healed_at: HealedAt, *, at: datetime) -> None:
    """Propose what healed a step, once: a change that was decided on is not proposed again.

    Call it after the outcome's own audit entry: the lock of the chain keeps two runs of a customer apart.
    """
    row = _proposed(healing, healed_at, at)
    same = select(WorkflowChangeRow).where(
        col(WorkflowChangeRow.step_sha256) == row.step_sha256, col(WorkflowChangeRow.after_sha256) == row.after_sha256
    )
    if session.exec(same).first() is not None:
        return
    session.add(row)
    _audit(session, row, AuditAction.CHANGE_PROPOSED, healed_at.actor, at=at)


def accepted_changes(session: CustomerSession) -> tuple[AcceptedChange, ...]:
    """What serves this customer: what was accepted for them, and for all."""
    accepted = select(WorkflowChangeRow).where(col(WorkflowChangeRow.state) == ChangeState.ACCEPTED.value)
    own = session.exec(accepted.order_by(col(WorkflowChangeRow.decided_at), col(WorkflowChangeRow.id))).all()
    for_all = session.exec(select(SharedChangeRow).order_by(col(SharedChangeRow.accepted_at), col(SharedChangeRow.id)))
    return (*map(_accepted, own), *map(_accepted, for_all))


class ChangeDesk:
    """Where staff see what healed steps propose, and decide. Everybody else is refused."""

    def __init__(
        self, database: Database, workflows: WorkflowRegistry, pictures: ScreenshotStore, clock: Clock
    ) -> None:
        self._database = database
        self._workflows = workflows
        self._pictures = pictures
        self._clock = clock

    async def list(self, visitor: Visitor) -> tuple[ChangeView, ...]:
        """The changes of every customer: those that nobody has decided on first, then the newest. Raises Refused."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(views, self._workflows)
        return await self._database.read_across_customers(use_case, because=STAFF_DECIDE)

    async def accept(self, visitor: Visitor, change_id: UUID) -> None:
        """Have it serve the customer it was seen at. Raises Refused, NotFound or AlreadyDecided."""
        await self._decide(visitor, change_id, ACCEPT)

    async def share(self, visitor: Visitor, change_id: UUID) -> None:
        """Have it serve every customer. Raises Refused, NotFound, AlreadyDecided or NotForAll."""
        await self._decide(visitor, change_id, SHARE)

    async def refuse(self, visitor: Visitor, change_id: UUID, because: str) -> None:
        """Have it serve nobody; it is not proposed again. Raises Refused, NotFound or AlreadyDecided."""
        await self._decide(visitor, change_id, REFUSE, because)

    async def withdraw(self, visitor: Visitor, change_id: UUID, because: str) -> None:
        """Take back what was accepted; it is not proposed again. Raises Refused, NotFound or AlreadyDecided."""
        await self._decide(visitor, change_id, WITHDRAW, because)

    async def picture(self, visitor: Visitor, change_id: UUID) -> bytes:
        """The page when the step was healed, as WebP; the customer's audit says that it was looked at.

        Raises Refused, or NotFound if there is none.
        """
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        customer_id = await self._customer_of(change_id)
        picture_id = await self._database.run(customer_id, partial(self._show_picture, visitor, change_id))
        return await self._pictures.load(customer_id, picture_id, "full")

    async def _decide(self, visitor: Visitor, change_id: UUID, ruling: Ruling, because: str = "") -> None:
        authorize(visitor, Action.DECIDE_CHANGES)
        use_case = partial(self._decided, visitor, change_id, ruling, because)
        await self._database.run_across_customers(use_case, because=STAFF_DECIDE)  # no customer writes what serves all

    async def _customer_of(self, change_id: UUID) -> UUID:
        """Whose change it is."""
        found = await self._database.read_across_customers(partial(_find, change_id), because=STAFF_DECIDE)
        return found.customer_id

    # What follows runs in a thread, each as one transaction.

    def _decided(
        self, visitor: Visitor, change_id: UUID, ruling: Ruling, because: str, session: CustomerSession
    ) -> None:
        now = self._clock.now()
        if ruling is WITHDRAW and (alone := _shared_alone(change_id, session)):
            _withdraw_alone(session, visitor, alone, because, at=now)
            return
        row = _find(change_id, session)
        _move(session, row, ruling, {"decided_by": visitor.actor, "decided_at": now})
        if ruling.makes is ChangeState.SHARED:
            check_for_all(Locator.from_json(row.after), _own_names(session, row))
            session.add(_shared(row, visitor, now))
        elif shared := session.get(SharedChangeRow, change_id):
            session.delete(shared)
        _audit(session, row, ruling.action, visitor.actor, at=now, more={"because": because} if because else {})

    def _show_picture(self, visitor: Visitor, change_id: UUID, session: CustomerSession) -> UUID:
        row = _find(change_id, session)
        if row.picture_id is None:
            raise NotFound(because="There is no picture of it.")
        _audit(session, row, AuditAction.CHANGE_PICTURE_SEEN, visitor.actor, at=self._clock.now())
        return row.picture_id


def _accepted(row: WorkflowChangeRow | SharedChangeRow) -> AcceptedChange:
    return AcceptedChange(row.workflow_id, row.step_order, row.step_sha256, Locator.from_json(row.after))


def _find(change_id: UUID, session: CustomerSession) -> WorkflowChangeRow:
    """A change as it stands now. Raises NotFound."""
    row = session.exec(select(WorkflowChangeRow).where(col(WorkflowChangeRow.id) == change_id)).first()
    if row is None:
        raise NotFound(because="There is no such change.")
    return row


def _shared_alone(change_id: UUID, session: CustomerSession) -> SharedChangeRow | None:
    """What serves all, if the customer it was seen at is deleted and with them the change itself."""
    seen = session.exec(select(WorkflowChangeRow.id).where(col(WorkflowChangeRow.id) == change_id)).first()
    return None if seen else session.get(SharedChangeRow, change_id, with_for_update=True)


def _withdraw_alone(
    session: CustomerSession, visitor: Visitor, row: SharedChangeRow, because: str, *, at: datetime
) -> None:
    """Nobody's chain tells of it but the one of who withdraws it."""
    session.delete(row)
    detail: dict[str, str | int | bool | None] = {
        "change": str(row.id),
        "workflow": row.workflow_id,
        "workflowStep": row.step_order,
        "because": because,
    }
    event = AuditEvent(WITHDRAW.action, visitor.actor, detail=detail)
    audit_log.record(session, visitor.customer_id, event, at=at)


def _move(session: CustomerSession, row: WorkflowChangeRow, ruling: Ruling, values: Mapping[str, object]) -> None:
    """Change its state, if it is still one that can be decided on. Raises AlreadyDecided, with how it stands."""
    of_these = col(WorkflowChangeRow.state).in_([state.value for state in ruling.on])
    undecided = update(WorkflowChangeRow).where(col(WorkflowChangeRow.id) == row.id, of_these)
    moved = changed_one(session, undecided, {"state": ruling.makes.value, **values})
    session.refresh(row)
    if not moved:
        raise AlreadyDecided(because=f"It is {row.state} now.")


def _own_names(session: CustomerSession, row: WorkflowChangeRow) -> Sequence[str]:
    """What the customer and their shop are called."""
    customer = session.get(Customer, row.customer_id)
    operation = session.get(OperationRow, (row.customer_id, row.operation_id))
    return [customer.name if customer else "", Origin.of(operation.store_origin).host if operation else ""]


def _shared(row: WorkflowChangeRow, visitor: Visitor, now: datetime) -> SharedChangeRow:
    """What is told to all; its id is that of the change, by which it is found again."""
    return SharedChangeRow(
        id=row.id,
        workflow_id=row.workflow_id,
        step_order=row.step_order,
        step_sha256=row.step_sha256,
        after=row.after,
        accepted_by=visitor.actor,
        accepted_at=now,
    )


def _proposed(healing: Healing, healed_at: HealedAt, at: datetime) -> WorkflowChangeRow:
    step = healing.step
    return WorkflowChangeRow(
        customer_id=healed_at.customer_id,
        operation_id=healed_at.operation_id,
        position=healed_at.position,
        workflow_id=healing.workflow_id,
        step_order=step.order,
        step_sha256=step_sha256(healing.workflow_id, step),
        intent=step.intent,
        rung=healing.rung,
        before=step.locator.to_json() if step.locator else [],
        after=healing.after.to_json(),
        after_sha256=locator_sha256(healing.after),
        evidence=dict(healing.evidence),
        picture_id=healed_at.picture_id,
        created_at=at,
        state=ChangeState.PROPOSED,
    )


def _audit(
    session: CustomerSession,
    row: WorkflowChangeRow,
    action: AuditAction,
    actor: str,
    *,
    at: datetime,
    more: Mapping[str, str] | None = None,
) -> None:
    detail: dict[str, str | int | bool | None] = {
        "change": str(row.id),
        "workflow": row.workflow_id,
        "workflowStep": row.step_order,
    }
    detail |= more or {}
    audit_log.record(session, row.customer_id, AuditEvent(action, actor, row.operation_id, detail), at=at)
