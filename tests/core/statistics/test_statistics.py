"""Statistics count what ended, whose it was, how long it took and why it failed; on both databases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.database.roles import Role
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus, StepState
from core.database.tables import Customer, OperationRow, StepRow
from core.operations.deciders import decided
from core.security.people.people import People, Visitor
from core.statistics.asked import Asked
from core.statistics.by_hand import by_hand
from core.statistics.percentiles import at
from core.statistics.shaping import wilson
from core.statistics.statistics import Statistics
from core.statistics.summary import DayCount, ReasonCount
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
        **values: Any,
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
            took_seconds=took,
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
            session.flush()
            for name, value in (decided(session, operation.id) | values).items():
                setattr(operation, name, value)

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
    summary = await statistics.summary(await somebody(database), Asked(days=7))
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
    (part,) = summary.by_service
    assert (part.name, part.succeeded, part.failed, part.success_rate) == ("woocommerce", 3, 3, 0.5)
    assert (part.interval, part.median_seconds) == (summary.interval, summary.median_seconds)
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

    summary = await statistics.summary(me, Asked(days=4))
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
    summary = await statistics.summary(me, Asked(days=7))
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


async def test_each_part_has_its_own_rate_times_cost_and_time_saved(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    first: dict[str, Any] = {"workflow_id": "make-a-key", "workflow_version": "aaa", "service": "woocommerce"}
    for took in (10.0, 20.0):
        await history.add(me, COMPLETED, took=took, rungs=("recorded", "code"), **first)
    await history.add(me, FAILED, took=500, rungs=("recorded", "likeness"), **first)
    newer = first | {"workflow_version": "bbb", "model_millionths": 1_250_000}
    await history.add(me, COMPLETED, took=40, rungs=("recorded", "model"), **newer)
    await history.add(me, COMPLETED, took=50, service="pretix")  # before it was recorded which workflow it was

    summary = await statistics.summary(me)
    told = {(one.name, one.version): one for one in summary.by_version}
    assert told.keys() == {("make-a-key", "aaa"), ("make-a-key", "bbb"), (None, None)}
    learnt = told["make-a-key", "aaa"]
    assert (learnt.succeeded, learnt.failed, learnt.millionths) == (2, 1, 0)
    assert (learnt.median_seconds, learnt.p95_seconds) == pytest.approx((15.0, 19.5))
    assert learnt.saved_seconds == pytest.approx(2 * by_hand("woocommerce") - 30)
    assert told["make-a-key", "bbb"].millionths == summary.millionths == 1_250_000
    assert [(one.name, one.succeeded, one.failed) for one in summary.by_rung] == [
        ("recorded", 2, 0),
        (None, 1, 0),
        ("likeness", 0, 1),
        ("model", 1, 0),
    ]
    assert summary.saved_seconds == pytest.approx(3 * by_hand("woocommerce") + by_hand("pretix") - 120)
    assert summary.steps_of("recorded") == 4
    assert summary.by_day[-1].median_seconds == pytest.approx(30.0)
    assert summary.by_day[0].median_seconds is None


async def test_only_what_is_asked_about_is_counted(
    database: Database, statistics: Statistics, history: History
) -> None:
    me, other, staff = [await somebody(database, is_staff=is_staff) for is_staff in (False, False, True)]
    await rename(database, other, "Coffee Shop")
    await history.add(me, COMPLETED, service="pretix", rungs=("recorded",))
    await history.add(me, COMPLETED, rungs=("recorded",))
    await history.add(other, FAILED, code="key_limit", rungs=("recorded",))

    async def told(asked: Asked, who: Visitor = staff) -> tuple[int, int, int]:
        summary = await statistics.summary(who, asked)
        return summary.finished, summary.succeeded, summary.steps

    assert await told(Asked()) == (3, 2, 3)
    assert await told(Asked(service="pretix")) == (1, 1, 1)
    assert await told(Asked(customer="coffee shop ")) == (1, 0, 1)
    assert await told(Asked(customer="Nobody's")) == (0, 0, 0)
    assert await told(Asked(customer="Coffee Shop"), me) == (2, 2, 2)  # only staff name another customer


@pytest.mark.parametrize("name", ["Ökotee GmbH", "Чайная"])
async def test_a_customer_is_found_by_a_name_with_other_letters_than_ascii(
    database: Database, statistics: Statistics, history: History, name: str
) -> None:
    other, staff = await somebody(database), await somebody(database, is_staff=True)
    await rename(database, other, name)
    await history.add(other, COMPLETED)
    assert (await statistics.summary(staff, Asked(customer=name))).finished == 1
    assert (await statistics.summary(staff, Asked(customer=f"{name} & Co"))).finished == 0


@pytest.mark.parametrize(
    "asked",
    [Asked(service="\0"), Asked(customer="Tea\0 Shop"), Asked(customer="\ud800")],
    ids=["service", "customer", "half"],
)
async def test_what_no_database_can_hold_is_nobodys(
    database: Database, statistics: Statistics, history: History, asked: Asked
) -> None:
    staff = await somebody(database, is_staff=True)
    await history.add(staff, COMPLETED)
    assert (await statistics.summary(staff, asked)).finished == 0
    assert await statistics.rows(staff, asked) == ()


async def rename(database: Database, visitor: Visitor, name: str) -> None:
    def use_case(session: CustomerSession) -> None:
        customer = session.get(Customer, visitor.customer_id)
        assert customer
        customer.name = name
        session.add(customer)

    await database.run(visitor.customer_id, use_case)


async def test_a_spreadsheet_tells_workflow_version_and_rung_apart_with_what_the_model_cost_of_each(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    learnt: dict[str, Any] = {"workflow_id": "make-a-key"}
    for _ in range(2):
        await history.add(me, COMPLETED, workflow_version="aaa", rungs=("recorded", "code"), **learnt)
    await history.add(me, COMPLETED, workflow_version="aaa", rungs=("model",), model_millionths=250_000, **learnt)
    await history.add(me, COMPLETED, workflow_version="bbb", rungs=("recorded",), **learnt)
    await history.add(me, COMPLETED)  # before it was recorded
    assert [
        (one.workflow, one.version, one.rung, one.runs, one.dollars) for one in await statistics.rows(me, Asked(days=7))
    ] == [
        ("", "", "", 1, 0),
        ("make-a-key", "aaa", "model", 1, 0.25),
        ("make-a-key", "aaa", "recorded", 2, 0),
        ("make-a-key", "bbb", "recorded", 1, 0),
    ]


async def test_a_spreadsheet_has_a_row_for_each_day_service_outcome_and_reason(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    await history.add(me, COMPLETED, took=10)
    await history.add(me, COMPLETED, took=20, workflow_version="aaa")
    await history.add(me, FAILED, code="wrong_password", took=5, model_millionths=500_000)
    await history.add(me, CANCELLED, code="stopped", ended=NOW - timedelta(days=1))
    rows = await statistics.rows(me, Asked(days=7))
    assert [(one.day.day, one.outcome, one.reason, one.runs, one.seconds) for one in rows] == [
        (22, "cancelled", "stopped", 1, 10),
        (23, "completed", "", 1, 10),
        (23, "completed", "", 1, 20),
        (23, "failed", "wrong_password", 1, 5),
    ]
    assert (rows[3].dollars, rows[3].words) == (0.5, "Wrong password")
    assert [one.saved_seconds for one in rows] == [0, *(by_hand("woocommerce") - took for took in (10, 20)), 0]


async def test_what_a_stopped_setup_cost_is_counted(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    await history.add(me, CANCELLED, code="stopped", model_millionths=700)
    summary = await statistics.summary(me)
    assert (summary.finished, summary.millionths) == (0, 700)


async def test_many_different_times_have_their_percentiles_to_within_a_bin(
    database: Database, statistics: Statistics, history: History
) -> None:
    me = await somebody(database)
    times = [7.0 + number * 1.37 for number in range(60)]
    for took in times:
        await history.add(me, COMPLETED, took=took)
    summary = await statistics.summary(me)
    exactly = [at(part, [(took, took, took, 1) for took in times]) for part in (0.5, 0.95)]
    assert summary.median_seconds == pytest.approx(exactly[0], abs=1.25)
    assert summary.p95_seconds == pytest.approx(exactly[1], abs=1.25)


@pytest.mark.parametrize(
    ("values", "median", "slow"),
    [([(5.0, 1)], 5.0, 5.0), ([(1.0, 2), (3.0, 2)], 2.0, 3.0), ([(3.0, 1), (1.0, 1), (2.0, 1)], 2.0, 2.9)],
)
def test_percentiles_stand_between_two_values_where_none_is_in_the_middle(
    values: list[tuple[float, int]], median: float, slow: float
) -> None:
    bins = [(value, value, value, number) for value, number in values]
    assert (at(0.5, bins), at(0.95, bins)) == pytest.approx((median, slow))


@pytest.mark.parametrize("slow", [11.24, 60.0])
async def test_a_days_percentile_is_that_of_all_its_setups_and_what_it_was(
    database: Database, statistics: Statistics, history: History, slow: float
) -> None:
    me = await somebody(database)
    for took in (*[10.0] * 18, slow, slow):
        await history.add(me, COMPLETED, took=took)
    summary = await statistics.summary(me)
    (part,), day = summary.by_service, summary.by_day[-1]
    assert {summary.median_seconds, part.median_seconds, day.median_seconds} == {10.0}
    assert [summary.p95_seconds, part.p95_seconds, day.p95_seconds] == pytest.approx([slow] * 3)


@pytest.mark.parametrize(
    "times", [[10.0] * 18 + [10.24] * 2, [10.0] + [10.2] * 18 + [10.24], [10.24 - n / 100 for n in range(20)]]
)
def test_within_a_bin_the_ends_are_what_they_were_and_what_is_between_is_off_by_less_than_half_of_it(
    times: list[float],
) -> None:
    one_bin, each = [(min(times), sum(times) / 20, max(times), 20)], [(took, took, took, 1) for took in times]
    assert (at(0.0, one_bin), at(1.0, one_bin)) == pytest.approx((min(times), max(times)))
    for part in (0.5, 0.95):
        assert at(part, one_bin) == pytest.approx(at(part, each), abs=0.125)


def test_what_was_counted_in_two_places_is_sorted_as_one() -> None:
    """Of two services that took about as long, each has a bin there."""
    assert at(0.5, [(10.0, 10.0, 10.0, 3), (10.1, 10.15, 10.2, 2), (10.0, 10.0, 10.0, 2)]) == 10.0
