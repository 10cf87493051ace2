"""How setups went, of one customer or of all."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median

from core.clock import Clock
from core.database.session import Database
from core.security.people.authorize import Action, authorize, may
from core.security.people.people import Visitor
from core.statistics.counting import Counted, count, rests
from core.statistics.summary import Summary, UsualRest

LONGEST_LOOK_BACK = 366  # days


class Statistics:
    """Counts a customer's operations; for staff, everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def summary(self, visitor: Visitor, days: int = 30) -> Summary:
        """What ended within these days: today and the days before it. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        days = max(1, min(days, LONGEST_LOOK_BACK))
        today = self._clock.now().astimezone(UTC).date()
        first = today - timedelta(days=days - 1)
        use_case = partial(count, since=_midnight(first), before=_midnight(first - timedelta(days=days)))
        if may(visitor, Action.SEE_ALL_CUSTOMERS):
            counted = await self._database.read_across_customers(use_case, because="staff look at the statistics")
        else:
            counted = await self._database.read(visitor.customer_id, use_case)
        return await asyncio.to_thread(_shaped, counted, first, today)

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


def _shaped(counted: Counted, first: date, last: date) -> Summary:
    """The summary. What shapes it is imported here: it takes a second, which is for the server alone to pay, at its start."""
    from core.statistics.shaping import shaped  # noqa: PLC0415  see above

    return shaped(counted, first, last)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
