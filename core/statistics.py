"""How setups went: counted in SQL, shaped with pandas."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import col

from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from core.security.people import Visitor

Z_95 = 1.959964  # standard normal quantile of a two-sided 95 % interval
LONGEST_LOOK_BACK = 366  # days

REASONS = {
    "wrong_password": "Wrong password",
    "no_rights": "No right to make keys",
    "key_limit": "No room for another key",
    "shop_error": "The shop met an error",
    "page_not_recognised": "Page not recognised",
    "credentials_missing": "No sign-in stored",
    "consent_required": "Consent was missing",
    "api_refused": "The shop's API refused",
    "api_unreachable": "The shop's API did not answer",
    "link_expired": "The form had expired",
    "took_too_long": "Took too long",
    "internal": "Our own error",
}


@dataclass(frozen=True)
class DayCount:
    """How many setups ended on a day."""

    day: date
    succeeded: int
    failed: int


@dataclass(frozen=True)
class ServiceCount:
    """How the setups of a service ended."""

    service: str
    succeeded: int
    failed: int


@dataclass(frozen=True)
class ReasonCount:
    """Why setups failed, the most frequent first."""

    code: str
    words: str
    runs: int


@dataclass(frozen=True)
class Summary:
    """How setups went. Rates are from 0 to 1, times in seconds; None where nothing was counted."""

    days: int
    finished: int
    succeeded: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    by_day: tuple[DayCount, ...]
    by_service: tuple[ServiceCount, ...]
    by_failure: tuple[ReasonCount, ...]
    deciders: tuple[tuple[str, float], ...]


class Statistics:
    """Counts a customer's operations; for staff, everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def summary(self, visitor: Visitor, days: int = 30) -> Summary:
        """What ended within these days."""
        days = max(1, min(days, LONGEST_LOOK_BACK))
        since = self._clock.now() - timedelta(days=days)

        def count(session: CustomerSession) -> Summary:
            return _summary(session, since, days)

        if visitor.is_staff:
            return await self._database.run_across_customers(count, because="staff look at the statistics")
        return await self._database.read(visitor.customer_id, count)


def wilson(succeeded: int, finished: int) -> tuple[float, float] | None:
    """The 95 % score interval of a rate (Wilson 1927); None for nothing."""
    if not finished:
        return None
    rate, z2 = succeeded / finished, Z_95**2
    middle = rate + z2 / (2 * finished)
    spread = Z_95 * sqrt(rate * (1 - rate) / finished + z2 / (4 * finished**2))
    return max(0.0, (middle - spread) / (1 + z2 / finished)), min(1.0, (middle + spread) / (1 + z2 / finished))


def _summary(session: CustomerSession, since: datetime, days: int) -> Summary:
    ended = pd.DataFrame(
        [tuple(row) for row in session.execute(_ended(since))],
        columns=["service", "status", "code", "started_at", "finished_at"],
    )
    ended["good"] = ended["status"] == OperationStatus.COMPLETED.value
    good = ended[ended["good"]]
    seconds = (
        pd.to_datetime(good["finished_at"], utc=True) - pd.to_datetime(good["started_at"], utc=True)
    ).dt.total_seconds()
    finished, succeeded = len(ended), len(good)
    return Summary(
        days=days,
        finished=finished,
        succeeded=succeeded,
        success_rate=succeeded / finished if finished else None,
        interval=wilson(succeeded, finished),
        median_seconds=float(seconds.median()) if succeeded else None,
        p95_seconds=float(seconds.quantile(0.95)) if succeeded else None,
        by_day=_by_day(ended),
        by_service=_by_service(ended),
        by_failure=_by_failure(ended),
        deciders=_deciders([(str(rung), int(count)) for rung, count in session.execute(_decisions(since))]),
    )


def _ended(since: datetime) -> Any:
    over = [OperationStatus.COMPLETED.value, OperationStatus.FAILED.value]
    columns = (
        col(OperationRow.service),
        col(OperationRow.status),
        col(OperationRow.failure_code),
        col(OperationRow.started_at),
        col(OperationRow.finished_at),
    )
    return select(*columns).where(col(OperationRow.status).in_(over), col(OperationRow.finished_at) >= since)


def _decisions(since: datetime) -> Any:
    rung = col(StepRow.decided_by)
    taken = select(rung, func.count()).where(
        col(StepRow.state) == StepState.DONE.value, col(StepRow.finished_at) >= since, rung.is_not(None)
    )
    return taken.group_by(rung)


def _by_day(ended: pd.DataFrame) -> tuple[DayCount, ...]:
    if ended.empty:
        return ()
    days = pd.to_datetime(ended["finished_at"], utc=True).dt.date
    counted = ended.groupby(days)["good"].agg(["sum", "count"]).sort_index()
    return tuple(DayCount(day, int(good), int(every - good)) for day, good, every in counted.itertuples())


def _by_service(ended: pd.DataFrame) -> tuple[ServiceCount, ...]:
    counted = ended.groupby("service")["good"].agg(["sum", "count"]).sort_values("count", ascending=False)
    return tuple(ServiceCount(str(name), int(good), int(every - good)) for name, good, every in counted.itertuples())


def _by_failure(ended: pd.DataFrame) -> tuple[ReasonCount, ...]:
    counted = ended.loc[~ended["good"].astype(bool), "code"].fillna("internal").value_counts()
    return tuple(
        ReasonCount(str(code), REASONS.get(str(code), str(code).replace("_", " ").capitalize()), int(runs))
        for code, runs in counted.items()
    )


def _deciders(counted: list[tuple[str, int]]) -> tuple[tuple[str, float], ...]:
    every = sum(count for _, count in counted)
    return tuple((rung, count / every) for rung, count in sorted(counted, key=lambda row: -row[1]))
