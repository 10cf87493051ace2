"""Makes a summary of what was counted, with pandas; the only module that imports it, which takes a second."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any

import pandas as pd

from core.database.states import OperationStatus
from core.statistics.asked import Asked
from core.statistics.by_hand import by_hand
from core.statistics.counting import FINISHED, Counted
from core.statistics.percentiles import VERSION
from core.statistics.summary import DayCount, Part, ReasonCount, SheetRow, Summary, reason

Z_95 = 1.959964  # standard normal quantile of a two-sided 95 % interval
COLUMNS = ["day", "service", "status", "code", *VERSION, "rung", "runs", "seconds", "millionths"]
COUNTS = ["succeeded", "failed", "saved", "millionths"]
Took = Mapping[tuple[Any, ...], tuple[float, ...]]
NOTHING = (None, None)
UNKNOWN = ""  # a key that is None is no key to pandas


def shaped(counted: Counted, asked: Asked, first: date, last: date) -> Summary:
    """The summary of these days, both of them included."""
    everything = framed(counted.outcomes)
    outcomes = everything[everything["status"].isin(FINISHED)]
    finished, succeeded = int(outcomes["runs"].sum()), int(outcomes["succeeded"].sum())
    median, slow = counted.percentiles["all"].get((), NOTHING)
    steps = sum(counted.deciders.values())
    return Summary(
        asked=asked,
        finished=finished,
        finished_before=counted.finished_before,
        succeeded=succeeded,
        interval=wilson(succeeded, finished),
        median_seconds=median,
        p95_seconds=slow,
        by_day=_by_day(outcomes, counted.percentiles["day"], pd.date_range(first, last, freq="D")),
        by_service=_parts(outcomes, counted.percentiles["service"], ["service"]),
        by_version=_parts(outcomes, counted.percentiles["version"], list(VERSION)),
        by_rung=_parts(outcomes, counted.percentiles["rung"], ["rung"]),
        by_failure=_by_failure(outcomes),
        steps=steps,
        deciders=tuple(
            (rung, taken / steps) for rung, taken in sorted(counted.deciders.items(), key=lambda pair: -pair[1])
        ),
        saved_seconds=float(outcomes["saved"].sum()),
        millionths=int(everything["millionths"].sum()),
    )


def framed(counted: Sequence[Any]) -> pd.DataFrame:
    """What was counted as a table, with what succeeded, what failed, and the time that was saved."""
    outcomes = pd.DataFrame([tuple(row) for row in counted], columns=COLUMNS)
    keys = ["code", *VERSION, "rung"]
    outcomes[keys] = outcomes[keys].astype(object).fillna(UNKNOWN)
    outcomes[["seconds", "millionths"]] = outcomes[["seconds", "millionths"]].astype(float)
    good = outcomes["status"] == OperationStatus.COMPLETED.value
    bad = outcomes["status"] == OperationStatus.FAILED.value
    outcomes["succeeded"] = outcomes["runs"].where(good, 0).astype(int)
    outcomes["failed"] = outcomes["runs"].where(bad, 0).astype(int)
    in_hand = outcomes["service"].map(by_hand).astype(float)
    outcomes["saved"] = (in_hand * outcomes["runs"] - outcomes["seconds"]).where(good, 0.0)
    return outcomes


def sheet(counted: Sequence[Any]) -> tuple[SheetRow, ...]:
    """A row for all that is alike in what it is told by."""
    by = ["day", "service", "status", "code", *VERSION, "rung"]
    rows = framed(counted).groupby(by, sort=True)[["runs", "seconds", "saved", "millionths"]].sum()
    return tuple(
        SheetRow(
            date.fromisoformat(str(day)),
            str(service),
            str(status),
            str(code),
            reason(str(code)) if code else "",
            int(runs),
            round(float(seconds), 3),
            round(float(saved), 3),
            float(millionths) / 1_000_000,
            *map(str, what_ran),
        )
        for (day, service, status, code, *what_ran), runs, seconds, saved, millionths in rows.itertuples()
    )


def wilson(succeeded: int, finished: int) -> tuple[float, float] | None:
    """The 95 % score interval of a rate (Wilson 1927); None for nothing."""
    if not finished:
        return None
    rate, z2 = succeeded / finished, Z_95**2
    middle = rate + z2 / (2 * finished)
    spread = Z_95 * sqrt(rate * (1 - rate) / finished + z2 / (4 * finished**2))
    return max(0.0, (middle - spread) / (1 + z2 / finished)), min(1.0, (middle + spread) / (1 + z2 / finished))


def _by_day(outcomes: pd.DataFrame, took: Took, every_day: pd.DatetimeIndex) -> tuple[DayCount, ...]:
    counted = outcomes.groupby("day")[["succeeded", "failed"]].sum()
    counted = counted.reindex(every_day.strftime("%Y-%m-%d"), fill_value=0)
    return tuple(
        DayCount(date.fromisoformat(str(day)), int(good), int(bad), *took.get((str(day),), NOTHING))
        for day, good, bad in counted.itertuples()
    )


def _parts(outcomes: pd.DataFrame, took: Took, by: list[str]) -> tuple[Part, ...]:
    """What has the same values in these columns, the most frequent first."""
    counted = outcomes.groupby(by)[COUNTS].sum()
    parts = [
        _part(key if isinstance(key, tuple) else (key,), took, numbers)
        for key, numbers in zip(counted.index, counted.itertuples(index=False), strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: -part.finished))


def _part(key: tuple[str, ...], took: Took, numbers: Any) -> Part:
    good, bad, saved, millionths = numbers
    named = tuple(one or None for one in key)
    median, slow = took.get(named, NOTHING)
    return Part(
        name=named[0],
        version=named[1] if len(named) > 1 else None,
        succeeded=int(good),
        failed=int(bad),
        interval=wilson(int(good), int(good + bad)),
        median_seconds=median,
        p95_seconds=slow,
        saved_seconds=float(saved),
        millionths=int(millionths),
    )


def _by_failure(outcomes: pd.DataFrame) -> tuple[ReasonCount, ...]:
    failed = outcomes[outcomes["failed"] > 0].assign(code=lambda rows: rows["code"].replace(UNKNOWN, "internal"))
    counted = failed.groupby("code")["failed"].sum().sort_values(ascending=False)
    return tuple(ReasonCount(str(code), reason(str(code)), int(runs)) for code, runs in counted.items())
