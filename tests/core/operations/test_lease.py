"""Exactly one worker has an operation, and one that lost it writes nothing more."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.operations import lease as leases
from core.operations.dispatch import next_free
from core.operations.lease import LEASE, Hold, Lease, LeaseLost
from core.operations.limits import Limits
from core.planner.spending import Spent
from core.security.people.people import People, Visitor
from tests.fakes.clock import MovedClock

MORE = Spent(2, 3_000, 12_000)


@pytest.fixture
async def visitor(database: Database, clock: MovedClock) -> Visitor:
    people = People(database, clock)
    return await people.add_user(await people.add_customer("Tea Shop"), "owner@tea.example", "a long enough one")


@pytest.fixture
async def pending(database: Database, clock: MovedClock, visitor: Visitor) -> UUID:
    row = OperationRow(
        customer_id=visitor.customer_id,
        id=uuid4(),
        requested_by=visitor.user_id,
        service="woocommerce",
        operation="api_key_generation",
        store_origin="https://tea.example",
        permissions=[],
        status=OperationStatus.PENDING,
        created_at=clock.now(),
    )
    operation_id = row.id
    await database.run(visitor.customer_id, lambda session: session.add(row))
    return operation_id


def claiming(operation_id: UUID, clock: MovedClock, owner: str = "one") -> partial[Lease | None]:
    return partial(leases.claim, operation_id=operation_id, owner=owner, now=clock.now())


async def test_of_many_claims_one_wins(database: Database, clock: MovedClock, visitor: Visitor, pending: UUID) -> None:
    claims = [database.run(visitor.customer_id, claiming(pending, clock, str(number))) for number in range(10)]
    won = [lease for lease in await asyncio.gather(*claims) if lease]
    assert [(lease.fence, lease.attempt) for lease in won] == [(1, 1)]


async def test_a_silent_worker_is_replaced_and_writes_nothing_more(
    database: Database, clock: MovedClock, visitor: Visitor, pending: UUID
) -> None:
    first = await database.run(visitor.customer_id, claiming(pending, clock))
    assert first is not None
    assert await database.run(visitor.customer_id, claiming(pending, clock, "two")) is None

    clock.move(LEASE + timedelta(seconds=1))
    second = await database.run(visitor.customer_id, claiming(pending, clock, "two"))
    assert second is not None
    assert (second.fence, second.attempt) == (2, 2)
    with pytest.raises(LeaseLost):
        await database.run(visitor.customer_id, partial(leases.write, lease=first, current_step=7))
    await database.run(visitor.customer_id, partial(leases.write, lease=second, current_step=3))
    row = await database.read(visitor.customer_id, partial(leases.row_of, operation_id=pending))
    assert row.current_step == 3


async def test_a_renewed_lease_stays(database: Database, clock: MovedClock, visitor: Visitor, pending: UUID) -> None:
    lease = await database.run(visitor.customer_id, claiming(pending, clock))
    assert lease is not None
    clock.move(LEASE - timedelta(seconds=1))
    await database.run(visitor.customer_id, partial(leases.renew, lease=lease, now=clock.now()))
    clock.move(timedelta(seconds=2))
    assert await database.run(visitor.customer_id, claiming(pending, clock, "two")) is None


async def test_what_was_handed_back_waits_and_the_attempt_does_not_count(
    database: Database, clock: MovedClock, visitor: Visitor, pending: UUID
) -> None:
    lease = await database.run(visitor.customer_id, claiming(pending, clock))
    assert lease is not None
    await database.run(visitor.customer_id, partial(leases.give_back, lease=lease))

    def waiting(session: CustomerSession) -> tuple[tuple[UUID, UUID], ...]:
        return next_free(session, Limits(), clock.now())

    found = await database.run_across_customers(waiting, because="a test sweeps")
    assert found == ((visitor.customer_id, pending),)
    again = await database.run(visitor.customer_id, claiming(pending, clock))
    assert again is not None
    assert again.attempt == 1


async def test_what_is_over_is_nobodys(database: Database, clock: MovedClock, visitor: Visitor, pending: UUID) -> None:
    lease = await database.run(visitor.customer_id, claiming(pending, clock))
    assert lease is not None
    done = partial(leases.write, lease=lease, status=OperationStatus.COMPLETED.value)
    await database.run(visitor.customer_id, done)
    clock.move(timedelta(days=1))
    assert await database.run(visitor.customer_id, claiming(pending, clock)) is None
    with pytest.raises(LeaseLost):
        await database.run(visitor.customer_id, partial(leases.renew, lease=lease, now=clock.now()))


def spent_on(row: OperationRow) -> Spent:
    return Spent(row.model_calls, row.model_tokens, row.model_millionths)


WRITES: dict[str, Callable[[CustomerSession, Lease, datetime], Any]] = {
    "a step": lambda session, lease, now: leases.write(session, lease, current_step=3),
    "the heartbeat": leases.renew,
    "a question": leases.begin_to_wait,
    "handing back": lambda session, lease, now: leases.give_back(session, lease),
}


@pytest.mark.parametrize("write", WRITES)
async def test_whatever_is_written_tells_what_was_spent_by_then_and_the_next_attempt_begins_with_it(
    database: Database, clock: MovedClock, visitor: Visitor, pending: UUID, write: str
) -> None:
    lease = await database.run(visitor.customer_id, claiming(pending, clock))
    assert lease is not None
    assert lease.purse.spent == Spent()
    lease.purse.pay(MORE)
    await database.run(visitor.customer_id, lambda session: WRITES[write](session, lease, clock.now()))
    row = await database.read(visitor.customer_id, partial(leases.row_of, operation_id=pending))
    assert spent_on(row) == MORE
    clock.move(2 * LEASE)
    again = await database.run(visitor.customer_id, claiming(pending, clock, "two"))
    assert again is not None
    assert again.purse.spent == MORE


def test_a_lease_runs_out_by_this_process_own_clock_too() -> None:
    """A process that was stopped for longer than that knows it the moment that it wakes, without asking anybody."""
    began = leases.moment() - LEASE.total_seconds()
    hold = Hold(began)
    assert not hold.is_sure
    hold.renewed(began + 1)
    assert hold.is_sure
    hold.renewed(began)  # an older renewal that is told late takes nothing back
    assert hold.is_sure
    assert Hold().is_sure
