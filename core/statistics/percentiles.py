"""The median and the 95th percentile of how long setups took, by each thing they are told by.

PostgreSQL sorts and tells them itself. SQLite's window functions took half a second for eight thousand rows; there the
database counts into bins, with the least, the mean and the most of each, and what stands at the percentile is told from
some thousands of them: exact where a bin holds one value or two, and else between the least and the most of its bin.
"""

from bisect import bisect_right
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
Bin = tuple[
    float, float, float, int
]  # the least of values that are nearly alike, their mean, the most, how many they are
Told = tuple[float, ...]
Percentiles = Mapping[str, Mapping[tuple[Any, ...], Told]]


def percentiles(session: CustomerSession, ended: CTE) -> Percentiles:
    """For each of `BY`, the values of its columns, and what stands at each of `PARTS`, in seconds."""
    if session.get_bind().dialect.name == "postgresql":
        return {name: _sorted(session, ended, columns) for name, columns in BY.items()}
    kinds, days = _binned(session, ended, KINDS), _binned(session, ended, ("day",))
    found: dict[str, Mapping[tuple[Any, ...], Told]] = {
        name: _told(kinds, [KINDS.index(one) for one in columns]) for name, columns in BY.items() if name != "day"
    }
    return found | {"day": _told(days, [0])}


def at(part: float, bins: Iterable[Bin]) -> float:
    """What stands at this part of the way from the first to the last, as `percentile_cont` has it."""
    ordered = sorted(bins)
    upto = list(accumulate(number for *_, number in ordered))
    way = (upto[-1] - 1) * part
    below = int(way)
    low, high = (_value(ordered, upto, place) for place in (below, min(below + 1, upto[-1] - 1)))
    return low + (high - low) * (way - below)


def _value(ordered: Sequence[Bin], upto: Sequence[int], place: int) -> float:
    """What stands at a place, from 0 on: in its bin, on the power curve from the least to the most that has the bin's mean."""
    which = bisect_right(upto, place)
    low, mean, high, number = ordered[which]
    if not low < mean < high:
        return low
    way = 1 - (upto[which] - 1 - place) / (number - 1)
    return float(low + (high - low) * way ** ((high - mean) / (mean - low)))


def _sorted(session: CustomerSession, ended: CTE, columns: Sequence[str]) -> dict[tuple[Any, ...], Told]:
    by = [ended.c[name] for name in columns]
    told = [func.percentile_cont(part).within_group(ended.c.seconds) for part in PARTS]
    rows = session.execute(select(*by, *told).where(*_succeeded(ended)).group_by(*by)).all()
    return {tuple(row[: len(by)]): tuple(row[len(by) :]) for row in rows if row[-1] is not None}


def _binned(session: CustomerSession, ended: CTE, columns: Sequence[str]) -> Sequence[Any]:
    """The values of the columns, and the parts of a bin."""
    by, seconds = [ended.c[name] for name in columns], ended.c.seconds
    parts = (func.min(seconds), func.avg(seconds), func.max(seconds), func.count())
    return session.execute(select(*by, *parts).where(*_succeeded(ended)).group_by(_bin(seconds), *by)).all()


def _bin(seconds: Any) -> Any:
    """Bins that grow with what is in them: 0.05 s wide up to ten seconds, 0.25 up to a minute, 2.5 up to ten minutes."""
    return case(
        (seconds < 10, cast(seconds * 20, Integer)),
        (seconds < 60, 200 + cast((seconds - 10) * 4, Integer)),
        (seconds < 600, 400 + cast((seconds - 60) * 0.4, Integer)),
        else_=616 + cast((seconds - 600) / 30, Integer),
    )


def _told(binned: Iterable[Any], places: Sequence[int]) -> dict[tuple[Any, ...], Told]:
    """By the values of these columns. Of several kinds each may have the same bin: they lie beside one another."""
    bins: dict[tuple[Any, ...], list[Bin]] = defaultdict(list)
    for row in binned:
        bins[tuple(row[place] for place in places)].append(tuple(row[-4:]))
    return {key: tuple(at(part, counted) for part in PARTS) for key, counted in bins.items()}


def _succeeded(ended: CTE) -> tuple[Any, ...]:
    return ended.c.status == OperationStatus.COMPLETED.value, ended.c.seconds.is_not(None)
