"""The list of operations: a customer's own, and for staff those of all customers; filtered and paged in the database.

A page is found by its place (keyset paging): what comes meanwhile moves nothing, and the last page costs what the first
does. Staff are told what statistics count from, and nothing that was seen in a shop: no step, no picture, no product.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OPEN, OperationStatus
from core.database.tables import Customer, OperationRow
from core.operations.run_filter import Mark, RunFilter, is_one_of
from core.operations.similar_failures import Likeness, Similar, similar_to
from core.operations.step_count import NOT_COUNTED, StepCount, counts_of
from core.operations.views import OperationView, view_of
from core.security.people.authorize import Action, authorize, may
from core.security.people.visitor import Visitor

PAGE = 50  # operations on one screen
MOST_LISTED = 200  # in one answer
MOST_AT_ONCE = 100  # that are tried again with one press of a button
T = TypeVar("T")


@dataclass(frozen=True)
class Cut:
    """Where a page begins: older than one place, or newer than another; without either, with the newest."""

    before: Mark | None = None
    after: Mark | None = None
    size: int = PAGE


@dataclass(frozen=True)
class CustomerRun:
    """An operation as staff find it among all customers'. What came of it is `said` of those of their own company alone."""

    customer_id: UUID
    customer: str
    id: UUID
    service: str
    operation: str
    store_url: str
    status: OperationStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure_code: str | None
    failure_sentence: str | None
    tries: int
    not_before: datetime | None
    retried_by: UUID | None
    said: str = ""
    counted: StepCount = NOT_COUNTED
    retry_needs_consent: bool = False

    @property
    def waits_until(self) -> datetime | None:
        """When it is tried by itself, if it waits for that."""
        return self.not_before if self.status is OperationStatus.PENDING and not self.started_at else None

    @property
    def seconds(self) -> float | None:
        """How long it took, if it is over."""
        return (self.finished_at - self.started_at).total_seconds() if self.started_at and self.finished_at else None


@dataclass(frozen=True)
class RunPage(Generic[T]):
    """A page of the list, the newest first; where the next ones begin, if there are any. `open` counts all that go on."""

    runs: tuple[T, ...]
    newer: Mark | None
    older: Mark | None
    open: int


class RunList:
    """Reads lists of operations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, visitor: Visitor, wanted: RunFilter, cut: Cut | None = None) -> RunPage[OperationView]:
        """A customer's own that fit. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        use_case = partial(page_of, wanted=wanted, cut=cut or Cut(), now=self._clock.now())
        return await self._database.read(visitor.customer_id, use_case)

    async def page_of_all(self, visitor: Visitor, wanted: RunFilter, cut: Cut | None = None) -> RunPage[CustomerRun]:
        """Everybody's that fit, for staff. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(_page_of_all, visitor.customer_id, wanted=wanted, cut=cut or Cut(), now=self._clock.now())
        return await self._database.read_across_customers(use_case, because="staff look at all operations")

    async def to_try_again(self, visitor: Visitor, wanted: RunFilter) -> tuple[UUID, ...]:
        """Of what fits, the newest that failed and were not tried again since, as many as may be at once. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        use_case = partial(_to_try_again, wanted=wanted, now=self._clock.now())
        if not may(visitor, Action.RETRY_FOR_CUSTOMERS):
            return await self._database.read(visitor.customer_id, use_case)
        return await self._database.read_across_customers(use_case, because="staff choose what to try again")

    async def similar(self, visitor: Visitor, view: OperationView) -> Similar:
        """How often it failed like this of late: a customer's own, or for staff everybody's. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        use_case = partial(similar_to, like=Likeness.of(view), now=self._clock.now())
        if may(visitor, Action.SEE_ALL_CUSTOMERS):
            return await self._database.read_across_customers(use_case, because="staff look for failures like one")
        return await self._database.read(visitor.customer_id, use_case)


def page_of(session: CustomerSession, wanted: RunFilter, cut: Cut, now: datetime) -> RunPage[OperationView]:
    """A page of one customer's."""
    fitting = select(OperationRow).where(*wanted.conditions(now))
    rows, newer, older = _cut(lambda asked: session.execute(asked).scalars().all(), fitting, cut)
    again = _tried_again(session, [row.id for row in rows])
    counts = counts_of(session, rows)
    views = tuple(replace(view_of(row, counted=counts.get(row.id)), **again.get(row.id, {})) for row in rows)
    return RunPage(views, newer, older, _open(session, ()))


def _page_of_all(
    own: UUID, session: CustomerSession, wanted: RunFilter, cut: Cut, now: datetime
) -> RunPage[CustomerRun]:
    one, again = OperationRow, aliased(OperationRow)
    tried = and_(col(again.customer_id) == col(one.customer_id), col(again.retry_of) == col(one.id))
    fitting = (
        select(*_told(again))
        .join(Customer, col(Customer.id) == col(one.customer_id))
        .join(again, tried, isouter=True)
        .where(*wanted.conditions(now), *wanted.of_customer())
    )
    rows, newer, older = _cut(lambda asked: session.execute(asked).all(), fitting, cut)
    said = _said(session, [row.id for row in rows if row.customer_id == own])
    counts = counts_of(session, rows)
    runs = tuple(_run(row, said.get(row.id, ""), counts.get(row.id, NOT_COUNTED)) for row in rows)
    return RunPage(runs, newer, older, _open(session, wanted.of_customer()))


def _told(again: Any) -> tuple[Any, ...]:
    """What staff are told of each, named as in `CustomerRun`; of all else nothing is read."""
    one = OperationRow
    return (
        col(one.customer_id),
        col(Customer.name).label("customer"),
        col(one.id),
        col(one.service),
        col(one.operation),
        col(one.store_origin).label("store_url"),
        col(one.status),
        col(one.created_at),
        col(one.started_at),
        col(one.finished_at),
        col(one.failure_code),
        col(one.failure_sentence),
        col(one.tries),
        col(one.not_before),
        col(again.id).label("retried_by"),
        col(again.status).label("retry_needs_consent"),
    )


def _run(row: Any, said: str, counted: StepCount) -> CustomerRun:
    told = dict(row._mapping)
    told["status"] = OperationStatus(told["status"])
    told["retry_needs_consent"] = _needs_consent(told["retry_needs_consent"])
    return CustomerRun(**told, said=said, counted=counted)


def _said(session: CustomerSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What came of these, in a sentence."""
    results = select(col(OperationRow.id), col(OperationRow.result)).where(col(OperationRow.id).in_(ids))
    return {one: result["said"] for one, result in session.execute(results) if result and "said" in result}


def _to_try_again(session: CustomerSession, wanted: RunFilter, now: datetime) -> tuple[UUID, ...]:
    again = aliased(OperationRow)
    tried = and_(col(again.customer_id) == col(OperationRow.customer_id), col(again.retry_of) == col(OperationRow.id))
    is_failed = is_one_of(col(OperationRow.status), (OperationStatus.FAILED,))
    fitting = (
        select(col(OperationRow.id))
        .join(again, tried, isouter=True)
        .where(*wanted.conditions(now), *wanted.of_customer(), is_failed, col(again.id).is_(None))
        .order_by(*_newest_first())
        .limit(MOST_AT_ONCE)
    )
    return tuple(session.execute(fitting).scalars())


def _cut(
    ask: Callable[[Select[Any]], Sequence[Any]], fitting: Select[Any], cut: Cut
) -> tuple[Sequence[Any], Mark | None, Mark | None]:
    """The rows of a page, and where the newer and the older ones begin. One more is asked for, to know if there are any."""
    place = tuple_(col(OperationRow.created_at), col(OperationRow.id))
    if cut.after:
        oldest_first = (col(OperationRow.created_at), col(OperationRow.id))
        rows = ask(fitting.where(place > cut.after.values).order_by(*oldest_first).limit(cut.size + 1))
        if len(rows) > cut.size:
            page = rows[: cut.size][::-1]
            return page, _mark(page[0]), _mark(page[-1])
        # That is less than a page: it is the first one, whole.
    before = None if cut.after else cut.before
    older = fitting.where(place < before.values) if before else fitting
    rows = ask(older.order_by(*_newest_first()).limit(cut.size + 1))
    page = rows[: cut.size]
    newer = (_mark(page[0]) if page else before) if before else None
    return page, newer, _mark(page[-1]) if len(rows) > cut.size else None


def _newest_first() -> tuple[Any, Any]:
    return col(OperationRow.created_at).desc(), col(OperationRow.id).desc()


def _mark(row: Any) -> Mark:
    return Mark(row.created_at, row.id)


def _tried_again(session: CustomerSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of these, which are tried once more by which, and whether that only waits for consent; named as in the views."""
    told = (col(OperationRow.retry_of), col(OperationRow.id), col(OperationRow.status))
    again = session.execute(select(*told).where(col(OperationRow.retry_of).in_(ids)))
    return {tried: {"retried_by": by, "retry_needs_consent": _needs_consent(status)} for tried, by, status in again}


def _needs_consent(status: str | None) -> bool:
    return status == OperationStatus.AWAITING_CONSENT


def _open(session: CustomerSession, whose: Sequence[Any]) -> int:
    """How many go on now, counted from an index of those alone."""
    going_on = is_one_of(col(OperationRow.status), OPEN)
    counted: int = session.execute(select(func.count()).select_from(OperationRow).where(going_on, *whose)).scalar_one()
    return counted
