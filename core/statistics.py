"""How setups went: counted in SQL, shaped with pandas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
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
USUAL_OF = 200  # setups; what took longer ago says little about how long it takes now
FINISHED = (OperationStatus.COMPLETED.value, OperationStatus.FAILED.value)  # a stopped one says nothing of success

REASONS = {
    "wrong_password": "Wrong password",
    "no_rights": "No right to make keys",
    "key_limit": "No room for another key",
    "shop_error": "The shop met an error",
    "page_not_recognised": "Page not recognised",
    "credentials_missing": "No sign-in stored",
    "no_credential": "No sign-in stored",
    "consent_required": "Consent was missing",
    "api_refused": "The service's API refused",
    "api_unreachable": "The service's API did not answer",
    "link_expired": "The form had expired",
    "took_too_long": "Took too long",
    "died_too_often": "The worker died",
    "internal": "Our own error",
}


@dataclass(frozen=True)
class DayCount:
    """How many setups ended on a day (UTC)."""

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
    """How setups went. Rates and shares are from 0 to 1, times in seconds; None where nothing was counted.

    `finished_before` is the count of as many days before these; `by_day` has every day, those without setups too.
    """

    days: int
    finished: int
    finished_before: int
    succeeded: int
    success_rate: float | None
    interval: tuple[float, float] | None
    median_seconds: float | None
    p95_seconds: float | None
    by_day: tuple[DayCount, ...]
    by_service: tuple[ServiceCount, ...]
    by_failure: tuple[ReasonCount, ...]
    steps: int
    deciders: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class UsualRest:
    """How long setups usually go on from each step on, in seconds, by the step's position; from how many setups."""

    setups: int = 0
    seconds_from: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """What the database counted."""

    outcomes: Sequence[Any]  # day, service, status, code, runs
    times: Sequence[Any]  # started_at, finished_at of what succeeded
    deciders: Sequence[Any]  # rung, steps
    finished_before: int


class Statistics:
    """Counts a customer's operations; for staff, everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def summary(self, visitor: Visitor, days: int = 30) -> Summary:
        """What ended within these days: today and the days before it."""
        days = max(1, min(days, LONGEST_LOOK_BACK))
        today = self._clock.now().astimezone(UTC).date()
        first = today - timedelta(days=days - 1)
        use_case = partial(_count, since=_midnight(first), before=_midnight(first - timedelta(days=days)))
        if visitor.is_staff:
            counted = await self._database.run_across_customers(use_case, because="staff look at the statistics")
        else:
            counted = await self._database.read(visitor.customer_id, use_case)
        return _summary(counted, pd.date_range(first, today, freq="D"))

    async def usual_rest(self, service: str, operation: str) -> UsualRest:
        """How long a setup usually goes on from each of its steps on; times only, from every customer's latest."""
        rows = await self._database.run_across_customers(
            partial(_rests, service, operation), because="the time that is left is told from all setups before"
        )
        if not rows:
            return UsualRest()
        rests = pd.DataFrame([tuple(row) for row in rows], columns=["operation", "position", "began", "ended"])
        rests["rest"] = _seconds(rests["began"], rests["ended"])
        median = rests.groupby("position")["rest"].median()
        return UsualRest(int(rests["operation"].nunique()), {int(str(at)): float(rest) for at, rest in median.items()})


def wilson(succeeded: int, finished: int) -> tuple[float, float] | None:
    """The 95 % score interval of a rate (Wilson 1927); None for nothing."""
    if not finished:
        return None
    rate, z2 = succeeded / finished, Z_95**2
    middle = rate + z2 / (2 * finished)
    spread = Z_95 * sqrt(rate * (1 - rate) / finished + z2 / (4 * finished**2))
    return max(0.0, (middle - spread) / (1 + z2 / finished)), min(1.0, (middle + spread) / (1 + z2 / finished))


def _count(session: CustomerSession, since: datetime, before: datetime) -> Counted:
    """Everything that is counted, in one transaction."""
    ended_at, status = col(OperationRow.finished_at), col(OperationRow.status)
    day = _day(session, ended_at)
    outcome = (day, col(OperationRow.service), status, col(OperationRow.failure_code))
    of_these = (status.in_(FINISHED), ended_at >= since)
    succeeded = (status == OperationStatus.COMPLETED.value, ended_at >= since)
    rung = col(StepRow.decided_by)
    decided = (
        col(StepRow.state) == StepState.DONE.value,
        col(StepRow.finished_at) >= since,
        rung.is_not(None),
    )
    earlier = select(func.count(col(OperationRow.id))).where(status.in_(FINISHED), ended_at >= before, ended_at < since)
    return Counted(
        outcomes=session.execute(select(*outcome, func.count()).where(*of_these).group_by(*outcome)).all(),
        times=session.execute(select(col(OperationRow.started_at), ended_at).where(*succeeded)).all(),
        deciders=session.execute(select(rung, func.count()).where(*decided).group_by(rung)).all(),
        finished_before=session.execute(earlier).scalar_one(),
    )


def _rests(service: str, operation: str, session: CustomerSession) -> Sequence[Any]:
    """Operation, position, beginning of the step and end of the operation, of the latest that succeeded."""
    latest = (
        select(col(OperationRow.id))
        .where(
            col(OperationRow.service) == service,
            col(OperationRow.operation) == operation,
            col(OperationRow.status) == OperationStatus.COMPLETED.value,
        )
        .order_by(col(OperationRow.finished_at).desc())
        .limit(USUAL_OF)
    )
    steps = (
        select(col(OperationRow.id), col(StepRow.position), col(StepRow.started_at), col(OperationRow.finished_at))
        .join(OperationRow, col(OperationRow.id) == col(StepRow.operation_id))
        .where(col(OperationRow.id).in_(latest), col(StepRow.started_at).is_not(None))
    )
    return session.execute(steps).all()


def _day(session: CustomerSession, moment: Any) -> Any:
    """The UTC day of a moment as text; PostgreSQL would take the server's time zone if it were not told."""
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d", moment)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _seconds(start: "pd.Series[Any]", end: "pd.Series[Any]") -> "pd.Series[float]":
    return (pd.to_datetime(end, utc=True) - pd.to_datetime(start, utc=True)).dt.total_seconds()


def _summary(counted: Counted, every_day: pd.DatetimeIndex) -> Summary:
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


def reason(code: str) -> str:
    """A failure's code in words."""
    return REASONS.get(code, code.replace("_", " ").capitalize())
