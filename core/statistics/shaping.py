"""Makes a summary of what was counted, with pandas; the only module that imports it, which takes a second."""

from datetime import date
from math import sqrt
from typing import Any

import pandas as pd

from core.database.states import OperationStatus
from core.statistics.counting import Counted
from core.statistics.summary import DayCount, ReasonCount, ServiceCount, Summary, reason

Z_95 = 1.959964  # standard normal quantile of a two-sided 95 % interval


def shaped(counted: Counted, first: date, last: date) -> Summary:
    """The summary of these days, both of them included."""
    every_day = pd.date_range(first, last, freq="D")
    columns = ["day", "service", "status", "code", "runs"]
    outcomes = pd.DataFrame([tuple(row) for row in counted.outcomes], columns=columns)
    good = outcomes["status"] == OperationStatus.COMPLETED.value
    outcomes["succeeded"] = outcomes["runs"].where(good, 0).astype(int)
    outcomes["failed"] = outcomes["runs"].where(~good, 0).astype(int)
    finished, succeeded = int(outcomes["runs"].sum()), int(outcomes["succeeded"].sum())
    times = pd.DataFrame([tuple(row) for row in counted.times], columns=["began", "ended"]).dropna()
    seconds = _seconds(times["began"], times["ended"])
    steps = sum(int(taken) for _, taken in counted.deciders)
    return Summary(
        days=len(every_day),
        finished=finished,
        finished_before=counted.finished_before,
        succeeded=succeeded,
        success_rate=succeeded / finished if finished else None,
        interval=wilson(succeeded, finished),
        median_seconds=float(seconds.median()) if len(seconds) else None,
        p95_seconds=float(seconds.quantile(0.95)) if len(seconds) else None,
        by_day=_by_day(outcomes, every_day),
        by_service=_by_service(outcomes),
        by_failure=_by_failure(outcomes),
        steps=steps,
        deciders=tuple((str(rung), taken / steps) for rung, taken in sorted(counted.deciders, key=lambda row: -row[1])),
    )


def wilson(succeeded: int, finished: int) -> tuple[float, float] | None:
    """The 95 % score interval of a rate (Wilson 1927); None for nothing."""
    if not finished:
        return None
    rate, z2 = succeeded / finished, Z_95**2
    middle = rate + z2 / (2 * finished)
    spread = Z_95 * sqrt(rate * (1 - rate) / finished + z2 / (4 * finished**2))
    return max(0.0, (middle - spread) / (1 + z2 / finished)), min(1.0, (middle + spread) / (1 + z2 / finished))


def _seconds(start: "pd.Series[Any]", end: "pd.Series[Any]") -> "pd.Series[float]":
    return (pd.to_datetime(end, utc=True) - pd.to_datetime(start, utc=True)).dt.total_seconds()


def _by_day(outcomes: pd.DataFrame, every_day: pd.DatetimeIndex) -> tuple[DayCount, ...]:
    counted = outcomes.groupby("day")[["succeeded", "failed"]].sum()
    counted = counted.reindex(every_day.strftime("%Y-%m-%d"), fill_value=0)
    return tuple(DayCount(date.fromisoformat(str(day)), int(good), int(bad)) for day, good, bad in counted.itertuples())


def _by_service(outcomes: pd.DataFrame) -> tuple[ServiceCount, ...]:
    counted = outcomes.groupby("service")[["runs", "succeeded", "failed"]].sum().sort_values("runs", ascending=False)
    return tuple(ServiceCount(str(name), int(good), int(bad)) for name, _, good, bad in counted.itertuples())


def _by_failure(outcomes: pd.DataFrame) -> tuple[ReasonCount, ...]:
    failed = outcomes[outcomes["failed"] > 0].assign(code=lambda rows: rows["code"].fillna("internal"))
    counted = failed.groupby("code")["failed"].sum().sort_values(ascending=False)
    return tuple(ReasonCount(str(code), reason(str(code)), int(runs)) for code, runs in counted.items())
