"""What a person finds when they come in: what needs somebody, what is running, and what has ended lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import KEEPS_UP, OPEN, OperationStatus
from core.database.tables import OperationRow
from core.operations.run_filter import Kind, RunFilter, Standing, is_one_of
from core.operations.step_count import counts_of
from core.operations.views import OperationView, view_of
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

if TYPE_CHECKING:
    from sqlmodel.sql.expression import SelectOfScalar

LATELY = timedelta(days=14)  # a failure that nobody has looked after for longer is history
MOST = 20  # operations of a kind on one screen; the list of all of them has the rest
MOST_DONE = 5
WAITS = (OperationStatus.AWAITING_CONSENT, OperationStatus.AWAITING_INPUT)  # for a person

OF_ALL = {  # what staff are told the number of, as the list of all operations filters it
    "running": RunFilter(status=Standing.IN_PROGRESS),
    "failed": RunFilter(status=Standing.FAILED, days=1),
    "waiting": RunFilter(status=Standing.NEEDS_YOU),
}


@dataclass(frozen=True)
class Overview:
    """How everything stands. `failed` are setups that nothing has come after at their shop; each list has the newest first."""

    waiting: tuple[OperationView, ...] = ()
    running: tuple[OperationView, ...] = ()
    failed: tuple[OperationView, ...] = ()
    done: tuple[OperationView, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.waiting or self.running or self.failed or self.done)


@dataclass(frozen=True)
class CustomersOverview:
    """How all customers' setups stand, counted: each number is of what the list with its filter shows."""

    running: int = 0
    failed: int = 0
    waiting: int = 0


class OverviewDesk:
    """Reads it all in one transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def look(self, visitor: Visitor) -> Overview:
        """How a customer's operations stand. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        since = self._clock.now() - LATELY
        return await self._database.read(visitor.customer_id, partial(_overview, since))

    async def look_at_all(self, visitor: Visitor) -> CustomersOverview:
        """How all customers' stand, for staff: numbers, and of nobody more than the list tells. Raises NotAllowed."""
        authorize(visitor, Action.SEE_ALL_CUSTOMERS)
        use_case = partial(_of_all, self._clock.now())
        return await self._database.read_across_customers(use_case, because="staff see how all operations stand")

    async def open_at(self, visitor: Visitor, service: str, store_url: str) -> OperationView | None:
        """The newest operation of a service at a shop that is not over yet, if there is one. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        return await self._database.read(visitor.customer_id, partial(_open_at, service, store_url))


def _open_at(service: str, store_url: str, session: CustomerSession) -> OperationView | None:
    here = col(OperationRow.service) == service, col(OperationRow.store_origin) == store_url
    found = _newest(session, 1, *here, col(OperationRow.status).in_(OPEN))
    return found[0] if found else None


def _overview(since: datetime, session: CustomerSession) -> Overview:
    status, finished_at = col(OperationRow.status), col(OperationRow.finished_at)
    runs = [one for one in OPEN if one not in WAITS]
    is_setup = col(OperationRow.operation).not_in(KEEPS_UP)
    return Overview(
        waiting=_newest(session, MOST, status.in_(WAITS)),
        running=_newest(session, MOST, status.in_(runs)),
        failed=_newest(
            session,
            MOST,
            status == OperationStatus.FAILED.value,
            is_setup,
            finished_at >= since,
            ~_came_after().exists(),
        ),
        done=_newest(session, MOST_DONE, status == OperationStatus.COMPLETED.value, is_setup),
    )


def _of_all(now: datetime, session: CustomerSession) -> CustomersOverview:
    """One walk over what is open or new, whatever it is counted as."""
    going_on = is_one_of(col(OperationRow.status), OPEN)
    is_new = and_(*RunFilter(days=OF_ALL["failed"].days, kind=Kind.ALL).conditions(now))
    counted = (func.count().filter(*wanted.conditions(now)).label(name) for name, wanted in OF_ALL.items())
    row = session.execute(select_columns(*counted).select_from(OperationRow).where(or_(going_on, is_new))).one()
    return CustomersOverview(**row._mapping)


def _newest(session: CustomerSession, most: int, *conditions: ColumnElement[bool]) -> tuple[OperationView, ...]:
    newest = select(OperationRow).where(*conditions).order_by(col(OperationRow.created_at).desc()).limit(most)
    rows = session.exec(newest).all()
    counts = counts_of(session, rows)
    return tuple(view_of(row, counted=counts.get(row.id)) for row in rows)


def _came_after() -> "SelectOfScalar[UUID]":
    """Another setup of the same shop that was asked for later: whoever asked has seen how this one ended."""
    later = aliased(OperationRow)
    return (
        select(col(later.id))
        .where(
            col(later.customer_id) == OperationRow.customer_id,
            col(later.service) == OperationRow.service,
            col(later.store_origin) == OperationRow.store_origin,
            col(later.operation).not_in(KEEPS_UP),
            col(later.created_at) > OperationRow.created_at,
        )
        .correlate(OperationRow)
    )
