"""Proposed and accepted changes of learnt steps as staff see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.browser.locating import in_words
from core.database.session import CustomerSession
from core.database.states import ChangeState
from core.database.tables import Customer, OperationRow, SharedChangeRow, StepRow, User, WorkflowChangeRow
from core.planner.planner import Rung
from core.workflows.locator import Locator
from core.workflows.overlay import AcceptedChange, holds
from core.workflows.registry import NoSuchWorkflow, WorkflowRegistry
from core.workflows.step import ActionKind

DELETED = "a customer who was deleted"
MOST_LISTED = 200  # changes in one answer


@dataclass(frozen=True)
class ChangeView:
    """A change of a learnt step, where it was seen, and what was decided.

    `touched` is x, y, width, height in pixels of the picture; None where the deed led away from the element. Unless it
    `holds`, the step was learnt anew since, and the change serves nobody. `decided_by` is an e-mail address. Of a shared
    one whose customer was deleted nobody knows any more where it was seen, or by what it was healed.
    """

    id: UUID
    customer: str
    store_url: str
    operation_id: UUID | None
    workflow_id: str
    workflow: str
    step_order: int
    intent: str
    rung: Rung | None
    before: Locator | None
    after: Locator
    evidence: Mapping[str, Any]
    has_picture: bool
    touched: tuple[float, float, float, float] | None
    created_at: datetime
    state: ChangeState
    decided_by: str | None
    decided_at: datetime | None
    holds: bool

    @property
    def looked_for(self) -> str:
        """What the step was learnt to look for, in words."""
        return in_words(self.before) if self.before else "the page"

    @property
    def found(self) -> str:
        """What was found instead, in words."""
        return in_words(self.after)


def views(registry: WorkflowRegistry, session: CustomerSession) -> tuple[ChangeView, ...]:
    """The changes that this session sees: those that nobody has decided on first, then the newest.

    Last come those that serve all though the customer they were seen at is deleted: they can be withdrawn still.
    """
    change = WorkflowChangeRow
    undecided_first = case((col(change.state) == ChangeState.PROPOSED.value, 0), else_=1)
    newest = (
        select(change, Customer.name, OperationRow.store_origin, StepRow)
        .join(Customer, col(Customer.id) == col(change.customer_id))
        .join(OperationRow, _same(change, OperationRow) & (col(OperationRow.id) == col(change.operation_id)))
        .join(StepRow, _same(change, StepRow) & _line_of(change), isouter=True)
        .order_by(undecided_first, col(change.created_at).desc(), col(change.id))
        .limit(MOST_LISTED)
    )
    rows, alone = session.exec(newest).all(), session.exec(_shared_alone()).all()
    deciders = _deciders(session, [*(row.decided_by for row, *_ in rows), *(row.accepted_by for row in alone)])
    seen = (
        _view(registry, row, (name, origin), step, deciders.get(row.decided_by or ""))
        for row, name, origin, step in rows
    )
    return (*seen, *(_view_alone(registry, row, deciders.get(row.accepted_by)) for row in alone))


def _shared_alone() -> SelectOfScalar[SharedChangeRow]:
    seen = select(WorkflowChangeRow.id).where(col(WorkflowChangeRow.id) == col(SharedChangeRow.id))
    alone = select(SharedChangeRow).where(~seen.exists())
    return alone.order_by(col(SharedChangeRow.accepted_at).desc(), col(SharedChangeRow.id)).limit(MOST_LISTED)


def _same(change: type[WorkflowChangeRow], other: Any) -> Any:
    return col(other.customer_id) == col(change.customer_id)


def _line_of(change: type[WorkflowChangeRow]) -> Any:
    return (col(StepRow.operation_id) == col(change.operation_id)) & (col(StepRow.position) == col(change.position))


def _deciders(session: CustomerSession, actors: Sequence[str | None]) -> dict[str, str]:
    """The e-mail addresses of who decided, by their id in the audit."""
    ids = {UUID(actor.partition(":")[2]) for actor in actors if actor}
    users = session.exec(select(User).where(col(User.id).in_(ids))).all() if ids else ()
    return {f"user:{user.id}": user.email for user in users}


def _view(
    registry: WorkflowRegistry,
    row: WorkflowChangeRow,
    seen_at: tuple[str, str],
    step: StepRow | None,
    decider: str | None,
) -> ChangeView:
    after = Locator.from_json(row.after)
    title, still_holds = _now(registry, AcceptedChange(row.workflow_id, row.step_order, row.step_sha256, after))
    return ChangeView(
        id=row.id,
        customer=seen_at[0],
        store_url=seen_at[1],
        operation_id=row.operation_id,
        workflow_id=row.workflow_id,
        workflow=title,
        step_order=row.step_order,
        intent=row.intent,
        rung=Rung(row.rung),
        before=Locator.from_json(row.before) if row.before else None,
        after=after,
        evidence=row.evidence,
        has_picture=row.picture_id is not None,
        touched=_touched(step),
        created_at=row.created_at,
        state=ChangeState(row.state),
        decided_by=decider,
        decided_at=row.decided_at,
        holds=still_holds,
    )


def _view_alone(registry: WorkflowRegistry, row: SharedChangeRow, decider: str | None) -> ChangeView:
    after = Locator.from_json(row.after)
    title, still_holds = _now(registry, AcceptedChange(row.workflow_id, row.step_order, row.step_sha256, after))
    return ChangeView(
        id=row.id,
        customer=DELETED,
        store_url="",
        operation_id=None,
        workflow_id=row.workflow_id,
        workflow=title,
        step_order=row.step_order,
        intent=f"Step {row.step_order} of “{title.rstrip('.')}”",
        rung=None,
        before=None,
        after=after,
        evidence={},
        has_picture=False,
        touched=None,
        created_at=row.accepted_at,
        state=ChangeState.SHARED,
        decided_by=decider,
        decided_at=row.accepted_at,
        holds=still_holds,
    )


def _now(registry: WorkflowRegistry, change: AcceptedChange) -> tuple[str, bool]:
    """The workflow's title today, and whether the change still holds."""
    try:
        workflow = registry.get(change.workflow_id)
    except NoSuchWorkflow:
        return change.workflow_id, False
    return workflow.title, holds(workflow, change)


def _touched(step: StepRow | None) -> tuple[float, float, float, float] | None:
    """Where the element is on the picture, which is taken after the deed: where a click led, it is no more."""
    if step is None or not step.touched or step.action == ActionKind.CLICK:
        return None
    x, y, width, height = step.touched
    return x, y, width, height
