"""Which operations somebody wants to see in a list, and where in it they are: as it stands in an address, and as SQL."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, literal, or_, select, tuple_
from sqlmodel import col

from core.database.columns import UtcDateTime, storable
from core.database.states import KEEPS_UP, OPEN, OperationStatus
from core.database.tables import Customer, OperationRow
from core.security.people.customer_list import named

LONGEST_DAYS = 3660  # ten years: longer than anything is kept
LONGEST_WORDS = 300  # characters of what is looked for, as many as a shop's address has
SHORTEST_START = 8  # digits of an id: as many as a key's name at the shop holds
STARTS_ID = re.compile(rf"[0-9a-f]{{{SHORTEST_START},32}}")
MARK = re.compile(r"([0-9]{1,17})-([0-9a-f]{32})")  # microseconds of some thousands of years, and an id
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
S = OperationStatus


class Standing(StrEnum):
    """How an operation stands that is wanted: one status, or several that mean the same to whoever looks."""

    OPEN = "open"
    NEEDS_YOU = "needs_you"
    AWAITING_CONSENT = S.AWAITING_CONSENT.value
    PENDING = S.PENDING.value
    IN_PROGRESS = S.IN_PROGRESS.value
    AWAITING_INPUT = S.AWAITING_INPUT.value
    COMPLETED = S.COMPLETED.value
    FAILED = S.FAILED.value
    CANCELLED = S.CANCELLED.value

    @property
    def statuses(self) -> tuple[OperationStatus, ...]:
        """The statuses that are meant."""
        if self is Standing.OPEN:
            return OPEN
        if self is Standing.NEEDS_YOU:
            return S.AWAITING_CONSENT, S.AWAITING_INPUT
        return (OperationStatus(self.value),)


class Kind(StrEnum):
    """Setups and what ends them, or what is done every hour and every day with a key that is there already."""

    SETUPS = "setups"
    UPKEEP = "upkeep"
    ALL = "all"


@dataclass(frozen=True)
class RunFilter:
    """What an operation has to be, to be listed; what is not given filters nothing out.

    `q` is a part of a shop's address, an operation's id, or how one begins. `customer` is a part of a customer's name, or
    an id; it is for staff, who look at all of them.
    """

    status: Standing | None = None
    service: str = ""
    failure: str = ""
    days: int | None = None
    kind: Kind = Kind.SETUPS
    q: str = ""
    customer: str = ""

    def conditions(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        """As SQL, without the customer."""
        found: list[ColumnElement[bool]] = []
        if self.status:
            found.append(is_one_of(col(OperationRow.status), self.status.statuses))
        if self.service:
            found.append(col(OperationRow.service) == storable(self.service))
        if self.failure:
            found.append(col(OperationRow.failure_code) == storable(self.failure))
        if self.days is not None:
            found.append(col(OperationRow.created_at) >= now - timedelta(days=min(self.days, LONGEST_DAYS)))
        if self.kind is not Kind.ALL:
            upkeep = is_one_of(col(OperationRow.operation), KEEPS_UP)
            found.append(upkeep if self.kind is Kind.UPKEEP else ~upkeep)
        if self.q:
            found.append(_holds(storable(self.q)))
        return tuple(found)

    def of_customer(self) -> tuple[ColumnElement[bool], ...]:
        """As SQL, the customer alone."""
        if not self.customer:
            return ()
        if (customer_id := _id(self.customer)) is not None:
            return (col(OperationRow.customer_id) == customer_id,)
        found = select(col(Customer.id)).where(named(self.customer))
        return (col(OperationRow.customer_id).in_(found),)


@dataclass(frozen=True)
class Mark:
    """A place in a list that begins with the newest: at this operation. It stays where it is while new ones come."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """The place that an address names; None if it names none."""
        found = MARK.fullmatch(text)
        return cls(EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])) if found else None

    @property
    def values(self) -> Any:
        """The place as SQL, to compare rows with."""
        return tuple_(literal(self.at, UtcDateTime()), literal(self.id, Uuid()))


def is_one_of(column: Any, values: Any) -> ColumnElement[bool]:
    """The values stand in the SQL as they are: an index of a part of the rows is used for no parameter.

    They are words of ours, never what somebody has typed.
    """
    found: ColumnElement[bool] = column.in_(
        bindparam(None, [str(one) for one in values], expanding=True, literal_execute=True)
    )
    return found


def _holds(q: str) -> ColumnElement[bool]:
    """An id is looked for by an index; what may be one is part of an address, too."""
    whole = _id(q)
    if whole is not None:
        return col(OperationRow.id) == whole
    in_address = col(OperationRow.store_origin).icontains(q, autoescape=True)
    start = q.casefold().replace("-", "")
    if not STARTS_ID.fullmatch(start):
        return in_address
    first, last = UUID(start.ljust(32, "0")), UUID(start.ljust(32, "f"))
    return or_(in_address, col(OperationRow.id).between(first, last))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
