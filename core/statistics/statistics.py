"""How setups went, of one customer or of all."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any, TypeVar

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.security.people.authorize import Action, authorize, may
from core.security.people.people import Visitor
from core.statistics.asked import LONGEST_LOOK_BACK, Asked
from core.statistics.counting import Counted, count, outcomes, rests
from core.statistics.summary import SheetRow, Summary, UsualRest

T = TypeVar("T")


class Statistics:
    """Counts a customer's operations; for staff, everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def summary(self, visitor: Visitor, asked: Asked | None = None) -> Summary:
        """What ended within these days: today and the days before it. Raises NotAllowed."""
        asked, first, today = self._span(visitor, asked)
        before = _midnight(first - timedelta(days=asked.days))
        counted = await self._read(visitor, partial(count, asked=asked, since=_midnight(first), before=before))
        return await asyncio.to_thread(_shaped, counted, asked, first, today)

    async def rows(self, visitor: Visitor, asked: Asked | None = None) -> tuple[SheetRow, ...]:
        """The same for a spreadsheet: by day, service, outcome, reason, workflow, its version and rung. Raises NotAllowed."""
        asked, first, _ = self._span(visitor, asked)
        counted = await self._read(visitor, partial(outcomes, asked=asked, since=_midnight(first)))
        return await asyncio.to_thread(_sheet, counted)

    def _span(self, visitor: Visitor, asked: Asked | None) -> tuple[Asked, date, date]:
        """What may be asked, the first of its days and the last. Nobody but staff names another customer."""
        authorize(visitor, Action.WATCH)
        asked = asked or Asked()
        days = max(1, min(asked.days, LONGEST_LOOK_BACK))
        customer = asked.customer.strip() if may(visitor, Action.SEE_ALL_CUSTOMERS) else ""
        today = self._clock.now().astimezone(UTC).date()
        return replace(asked, days=days, customer=customer), today - timedelta(days=days - 1), today

    async def _read(self, visitor: Visitor, use_case: Callable[[CustomerSession], T]) -> T:
        if may(visitor, Action.SEE_ALL_CUSTOMERS):
            return await self._database.read_across_customers(use_case, because="staff look at the statistics")
        return await self._database.read(visitor.customer_id, use_case)

    async def usual_rest(self, service: str, operation: str) -> UsualRest:
        """How long a setup usually goes on from each of its steps on; times only, from every customer's latest."""
        rows = await self._database.read_across_customers(
            partial(rests, service, operation), because="the time that is left is told from all setups before"
        )
        seconds: dict[int, list[float]] = defaultdict(list)
        for _, position, began, ended in rows:
            seconds[position].append((ended - began).total_seconds())
        setups = {setup for setup, *_ in rows}
        return UsualRest(len(setups), {position: median(measured) for position, measured in seconds.items()})


def _shaped(counted: Counted, asked: Asked, first: date, last: date) -> Summary:
    """The summary. What shapes it is imported here: it takes a second, which is for the server alone to pay, at its start."""
    from core.statistics.shaping import shaped  # noqa: PLC0415  see above

    return shaped(counted, asked, first, last)


def _sheet(counted: Sequence[Any]) -> tuple[SheetRow, ...]:
    from core.statistics.shaping import sheet  # noqa: PLC0415  see above

    return sheet(counted)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
