"""The median and the 95th percentile of how long setups took, by each thing they are told by.

PostgreSQL sorts and tells them itself. SQLite's window functions took half a second for eight thousand rows; there the
database counts into bins, with the mean of each, and what stands at the percentile is told from a few thousand of them:
exact where a bin holds one value, and else off by less than half a bin.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import CTE, Integer, case, cast, func, select

from core.database.session import CustomerSession
from core.database.states import OperationStatus

VERSION = ("workflow_id", "workflow_version")
BY: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "day": ("day",),
    "service": ("service",),
    "version": VERSION,
    "rung": ("rung",),
}
KINDS = ("service", *VERSION, "rung")  # of these there are few, so that one pass serves all that is told by them
PARTS = (0.5, 0.95)
DAYS_BINS = 5  # bins of a day in one: a line of 365 days needs no hundredths
Told = tuple[float, ...]
Percentiles = Mapping[str, Mapping[tuple[Any, ...], Told]]


def percentiles(session: CustomerSession, ended: CTE) -> Percentiles:
    """For each of `BY`, the values of its columns, and what stands at each of `PARTS`, in seconds."""
    if session.get_bind().dialect.name == "postgresql":
        return {name: _sorted(session, ended, columns) for name, columns in BY.items()}
    kinds, days = _binned(session, ended, KINDS, 1), _binned(session, ended, ("day",), DAYS_BINS)
    found: dict[str, Mapping[tuple[Any, ...], Told]] = {
        name: _told(kinds, [KINDS.index(one) for one in columns]) for name, columns in BY.items() if name != "day"
    }
    return found | {"day": _told(days, [0])}


def at(part: float, values: Sequence[tuple[float, int]]) -> float:
    """What stands at this part of the way from the first to the last, as `percentile_cont` has it, of value and count."""
    ordered = sorted(values)
    upto = list(accumulate(number for _, number in ordered))
    way = (upto[-1] - 1) * part
    below = int(way)
    low, high = (
        next(value for (value, _), last in zip(ordered, upto, strict=True) if place < last)
        for place in (below, min(below + 1, upto[-1] - 1))
    )
    return low + (high - low) * (way - below)


def _sorted(session: CustomerSession, ended: CTE, columns: Sequence[str]) -> dict[tuple[Any, ...], Told]:
    by = [ended.c[name] for name in columns]
    told = [func.percentile_cont(part).within_group(ended.c.seconds) for part in PARTS]
    rows = session.execute(select(*by, *told).where(*_succeeded(ended)).group_by(*by)).all()
    return {tuple(row[: len(by)]): tuple(row[len(by) :]) for row in rows if row[-1] is not None}


def _binned(session: CustomerSession, ended: CTE, columns: Sequence[str], together: int) -> Sequence[Any]:
    """The values of the columns, the mean of a bin, and how many are in it."""
    by = [ended.c[name] for name in columns]
    bins = _bin(ended.c.seconds) // together
    counted = select(*by, func.avg(ended.c.seconds), func.count()).where(*_succeeded(ended))
    return session.execute(counted.group_by(bins, *by)).all()


def _bin(seconds: Any) -> Any:
    """Bins that grow with what is in them: 0.05 s wide up to ten seconds, 0.25 up to a minute, 2.5 up to ten minutes."""
    return case(
        (seconds < 10, cast(seconds * 20, Integer)),
        (seconds < 60, 200 + cast((seconds - 10) * 4, Integer)),
        (seconds < 600, 400 + cast((seconds - 60) * 0.4, Integer)),
        else_=616 + cast((seconds - 600) / 30, Integer),
    )


def _told(binned: Iterable[Any], places: Sequence[int]) -> dict[tuple[Any, ...], Told]:
    values: dict[tuple[Any, ...], list[tuple[float, int]]] = defaultdict(list)
    for row in binned:
        values[tuple(row[place] for place in places)].append((float(row[-2]), int(row[-1])))
    return {key: tuple(at(part, counted) for part in PARTS) for key, counted in values.items()}


def _succeeded(ended: CTE) -> tuple[Any, ...]:
    return ended.c.status == OperationStatus.COMPLETED.value, ended.c.seconds.is_not(None)
