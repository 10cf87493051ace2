"""Statistics count what ended, whose it was, how long it took and why it failed; on both databases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from core.security.people.people import People, Visitor
from core.statistics.shaping import wilson
from core.statistics.statistics import Statistics
from core.statistics.summary import DayCount, ReasonCount, ServiceCount
from tests.fakes.clock import MovedClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMPLETED, FAILED, CANCELLED = OperationStatus.COMPLETED, OperationStatus.FAILED, OperationStatus.CANCELLED


@dataclass
class History:
    """Writes operations as if they had happened."""

    database: Database

    async def add(
        self,
        visitor: Visitor,
        status: OperationStatus,
        *,
        ended: datetime = NOW,
        took: float = 10.0,
        code: str | None = None,
        rungs: tuple[str, ...] = (),
    ) -> UUID:
        """One operation; each rung is a step that was done at equal distances."""
        began = ended - timedelta(seconds=took)
        operation = OperationRow(
            customer_id=visitor.customer_id,
            id=uuid4(),
            requested_by=visitor.user_id,
            service="woocommerce",
            operation="api_key_generation",
            store_origin="https://tea.example",
            permissions=[],
            status=status,
            failure_code=code,
            created_at=began,
            started_at=began,
            finished_at=ended,
        )
        steps = [
            StepRow(
                customer_id=visitor.customer_id,
                operation_id=operation.id,
                position=position,
                intent="Do it",
                action="click",
                state=StepState.DONE,
                decided_by=rung,
                started_at=began + (position - 1) * (ended - began) / len(rungs),
                finished_at=ended,
            )
            for position, rung in enumerate(rungs, start=1)
        ]

        def write(session: CustomerSession) -> None:
            session.add(operation)
            session.flush()
            session.add_all(steps)

        await self.database.run(visitor.customer_id, write)
        return operation.id


@pytest.fixture
def statistics(database: Database) -> Statistics:
    return Statistics(database, MovedClock(NOW))


@pytest.fixture
def history(database: Database) -> History:
    return History(database)


async def somebody(database: Database, *, is_staff: bool = False) -> Visitor:
    people = People(database, MovedClock(NOW))
    customer_id = await people.add_customer("Tea Shop")
    return await people.add_user(
        customer_id, f"{uuid4()}@tea.example", "correct horse battery", role=Role.ADMIN if is_staff else Role.OWNER
    )


async def test_nothing_is_nothing_and_not_a_rate_of_zero(database: Database, statistics: Statistics) -> None:
    summary = await statistics.summary(await somebody(database), days=7)
    assert (summary.finished, summary.success_rate, summary.interval) == (0, None, None)
    assert (summary.median_seconds, summary.p95_seconds) == (None, None)
    assert [one.succeeded + one.failed for one in summary.by_day] == [0] * 7
    assert (summary.by_failure, summary.by_service, summary.deciders) == ((), (), ())


async def test_what_ended_is_counted_with_times_and_reasons(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    for took in (8.0, 10.0, 12.0):
        await history.add(me, COMPLETED, took=took)
    await history.add(me, FAILED, code="wrong_password", took=500)
    await history.add(me, FAILED, code="wrong_password")
    await history.add(me, FAILED, code="something_new")

    summary = await statistics.summary(me)
    assert (summary.finished, summary.succeeded, summary.success_rate) == (6, 3, 0.5)
    assert summary.interval == pytest.approx((0.1876, 0.8124), abs=1e-3)
    assert summary.median_seconds == pytest.approx(10.0)
    assert summary.p95_seconds == pytest.approx(11.8)
    assert summary.by_service == (ServiceCount("woocommerce", 3, 3),)
    assert summary.by_failure == (
        ReasonCount("wrong_password", "Wrong password", 2),
        ReasonCount("something_new", "Something new", 1),
    )


async def test_a_stopped_setup_says_nothing_about_success(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    await history.add(me, COMPLETED)
    await history.add(me, CANCELLED, code="stopped")
    summary = await statistics.summary(me)
    assert (summary.finished, summary.success_rate) == (1, 1.0)


async def test_days_are_those_of_utc_and_none_is_left_out(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    await history.add(me, COMPLETED, ended=midnight - timedelta(seconds=1))
    await history.add(me, FAILED, ended=midnight)
    await history.add(me, COMPLETED, ended=NOW)

    summary = await statistics.summary(me, days=4)
    assert [(one.day.day, one.succeeded, one.failed) for one in summary.by_day] == [
        (20, 0, 0),
        (21, 1, 0),
        (22, 0, 1),
        (23, 1, 0),
    ]
    assert summary.by_day[0] == DayCount(datetime(2026, 11, 20, tzinfo=UTC).date(), 0, 0)


async def test_the_days_before_are_counted_apart(database: Database, statistics: Statistics, history: History) -> None:
    me = await somebody(database)
    first_moment = datetime(2026, 11, 17, tzinfo=UTC)
    for ended in (NOW, first_moment, *(NOW - timedelta(days=days_ago) for days_ago in (7, 13, 14))):
        await history.add(me, COMPLETED, ended=ended)
    summary = await statistics.summary(me, days=7)
    assert (summary.finished, summary.finished_before) == (2, 2)


async def test_who_decided_is_shared_out_over_the_steps(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    await history.add(me, COMPLETED, rungs=("recorded", "recorded", "recorded", "code"))
    summary = await statistics.summary(me)
    assert (summary.steps, summary.deciders) == (4, (("recorded", 0.75), ("code", 0.25)))


async def test_a_customer_sees_their_own_setups_and_staff_everybodys(
    database: Database, statistics: Statistics, history: History
) -> None:
    me, other, staff = [await somebody(database, is_staff=is_staff) for is_staff in (False, False, True)]
    await history.add(me, COMPLETED, rungs=("recorded",))
    await history.add(other, FAILED, code="key_limit", rungs=("model", "model"))

    mine = await statistics.summary(me)
    assert (mine.finished, mine.by_failure, mine.steps) == (1, (), 1)
    every = await statistics.summary(staff)
    assert (every.finished, every.succeeded, every.steps) == (2, 1, 3)


async def test_the_rest_of_a_setup_is_told_from_what_it_took_before(
    database: Database, statistics: Statistics, history: History
) -> None:
    me, other = await somebody(database), await somebody(database)
    for visitor, took in ((me, 10.0), (me, 20.0), (other, 90.0)):
        await history.add(visitor, COMPLETED, took=took, rungs=("recorded", "recorded"))
    await history.add(me, FAILED, took=1000, rungs=("recorded", "recorded"))

    usual = await statistics.usual_rest("woocommerce", "api_key_generation")
    assert usual.setups == 3
    assert usual.seconds_from == pytest.approx({1: 20.0, 2: 10.0})


async def test_there_is_no_rest_to_tell_before_the_first_setup(statistics: Statistics) -> None:
    usual = await statistics.usual_rest("woocommerce", "api_key_generation")
    assert (usual.setups, usual.seconds_from) == (0, {})


@pytest.mark.parametrize(
    ("succeeded", "finished", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (1, 1, 0.2065, 1.0)],
)
def test_the_interval_is_wilsons(succeeded: int, finished: int, low: float, high: float) -> None:
    """81 of 263 is Newcombe's published example (1998, table I, method 3)."""
    assert wilson(succeeded, finished) == pytest.approx((low, high), abs=1e-4)
