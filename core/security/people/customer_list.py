"""The customers as staff find them in a list: searched by name and paged in the database, with counts and nothing that was done."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select

from core.database.columns import storable
from core.database.session import CustomerSession
from core.database.states import OPEN, OperationStatus
from core.database.tables import Customer, OperationRow

LONGEST_NAME = 200  # characters, as the table has it; no words of a name are more


@dataclass(frozen=True)
class CustomerView:
    """A customer as staff find them in a list: counts, as statistics have them, and nothing that says what was done."""

    id: UUID
    name: str
    created_at: datetime
    deleted_at: datetime | None
    operations: int
    open: int
    failed: int


@dataclass(frozen=True)
class CustomerPage:
    """Some of those that fit, by name, and how many fit in all."""

    customers: tuple[CustomerView, ...]
    total: int


def named(wanted: str) -> ColumnElement[bool]:
    """Whether a customer's name has these words. SQLite knows capitals of A to Z alone, so that others are written out."""
    return or_(*(col(Customer.name).icontains(form, autoescape=True) for form in _forms(wanted)))


def called(name: str) -> ColumnElement[bool]:
    """Whether this is a customer's whole name, in capitals or not."""
    return or_(*(func.lower(col(Customer.name)) == func.lower(form) for form in _forms(name)))


def _forms(wanted: str) -> list[str]:
    words = storable(wanted)
    return sorted({words, words.lower(), words.upper(), words.title()})


def customer_page(wanted: str, limit: int, skip: int, session: CustomerSession) -> CustomerPage:
    """Those whose names have these words: `limit` of them, after the first `skip`."""
    fitting = select(Customer).where(named(wanted)) if wanted else select(Customer)
    total = session.exec(select(func.count()).select_from(fitting.subquery())).one()
    by_name = fitting.order_by(col(Customer.name), col(Customer.id)).offset(skip).limit(limit)
    return CustomerPage(_views(session, session.exec(by_name).all()), total)


def customer_view(customer_id: UUID, session: CustomerSession) -> CustomerView | None:
    """This one, if there is one."""
    rows = session.exec(select(Customer).where(col(Customer.id) == customer_id)).all()
    return next(iter(_views(session, rows)), None)


def _views(session: CustomerSession, rows: Sequence[Customer]) -> tuple[CustomerView, ...]:
    by_status: dict[UUID, Counter[str]] = defaultdict(Counter)
    whose, status = col(OperationRow.customer_id), col(OperationRow.status)
    theirs = whose.in_([one.id for one in rows])
    counts = select(whose, status, func.count()).where(theirs).group_by(whose, status)
    for customer_id, one, number in session.exec(counts):
        by_status[customer_id][one] = number
    return tuple(
        CustomerView(
            id=one.id,
            name=one.name,
            created_at=one.created_at,
            deleted_at=one.deleted_at,
            operations=by_status[one.id].total(),
            open=sum(by_status[one.id][open_now.value] for open_now in OPEN),
            failed=by_status[one.id][OperationStatus.FAILED.value],
        )
        for one in rows
    )
