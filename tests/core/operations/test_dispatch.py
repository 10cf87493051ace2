"""Whose turn it is: the customer with the fewest runs, and nobody who has as many as they may have."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.database.between_processes import locked_until_commit
from core.database.session import CustomerSession, Database
from core.operations import worker as worker_module
from core.operations.dispatch import CANDIDATES, CLAIMS, has_enough, next_free
from core.operations.lease import LEASE
from core.operations.limits import Limits
from tests.core.operations.house import OTHER_SHOP, SHOP, House, house, visitor
from tests.core.operations.runs import worker_of
from tests.fakes.agents import FakeAgents, Held
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

FEW = Limits(at_once=4, per_customer=2)


async def in_line(house: House, limits: Limits = FEW) -> list[UUID]:
    """The operations whose turn it is, the next one first."""
    now = house.clock.now()
    free = await house.database.read_across_customers(lambda s: next_free(s, limits, now), because="a test looks")
    return [operation_id for _, operation_id in free]


async def ask_often(house: House, times: int) -> list[UUID]:
    """So many operations of one customer, which wait; each of a shop of its own."""
    asked = []
    for number in range(times):
        asked.append((await house.pending(OTHER_SHOP)).id)
        await house.put(asked[-1], store_origin=f"https://shop{number}.example")
        house.clock.move(timedelta(seconds=1))
    return asked


async def neighbour(house: House) -> House:
    """Another customer of the same product."""
    return replace(house, visitor=await visitor(house.database, house.clock))


async def test_who_has_fewer_runs_comes_first_and_then_who_asked_first(home: House) -> None:
    busy = await ask_often(home, 3)
    other = await neighbour(home)
    late = (await other.pending(SHOP)).id
    assert await in_line(home) == [busy[0], late, *busy[1:]]
    await home.claim(busy[0])
    assert await in_line(home) == [late, *busy[1:]]


async def test_who_has_enough_waits_until_one_is_over(home: House) -> None:
    busy = await ask_often(home, 3)
    await home.claim(busy[0])
    lease = await home.claim(busy[1])
    assert await in_line(home) == []
    home.clock.move(2 * LEASE)  # a worker that went silent holds no place, and what it had is free itself
    assert await in_line(home) == busy
    assert lease.fence == 1


async def test_a_claim_looks_once_more_whether_there_are_enough(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six workers look at the same moment; each finds what is free, and together they claim no more than may run."""
    monkeypatch.setattr(worker_module, "LOOK_EVERY", 60)  # nobody allows what is done at these made-up shops
    busy, deed = await ask_often(home, 6), Held()
    agents = FakeAgents(deed)
    workers = [worker_of(home, agents, FEW) for _ in busy]
    running = [
        asyncio.get_running_loop().create_task(one.run(home.visitor.customer_id, operation_id))
        for one, operation_id in zip(workers, busy, strict=True)
    ]
    while sum(one.done() for one in running) < len(busy) - FEW.per_customer:
        await asyncio.wait([one for one in running if not one.done()], return_when=asyncio.FIRST_COMPLETED)
    await agents.until_built(FEW.per_customer)
    assert sum(one.done() for one in running) == len(busy) - FEW.per_customer
    deed.let_go.set()
    await asyncio.gather(*running)
    assert agents.built == FEW.per_customer


@pytest.mark.parametrize(("held", "enough"), [(0, False), (1, False), (2, True)])
async def test_so_many_are_enough(home: House, held: int, enough: bool) -> None:
    busy = await ask_often(home, 3)
    for one in busy[:held]:
        await home.claim(one)
    now, customer_id = home.clock.now(), home.visitor.customer_id
    assert await home.run(lambda session: has_enough(session, customer_id, FEW, now)) is enough


async def test_a_worker_goes_on_to_whoever_is_next_until_nobody_is(home: House) -> None:
    busy, other = await ask_often(home, 3), await neighbour(home)
    late = (await other.pending(SHOP)).id
    agents = FakeAgents()
    await worker_of(home, agents, Limits(at_once=1, per_customer=1)).run_free()
    assert agents.built == 4
    assert {(await home.row(one)).status for one in busy} == {(await other.row(late)).status} == {"completed"}


async def test_a_wake_up_that_finds_every_place_taken_is_not_lost(cottage: House) -> None:
    deed = Held()
    agents = FakeAgents(deed)
    worker = worker_of(cottage, agents, Limits(at_once=1, per_customer=5))
    first = (await cottage.pending(SHOP)).id
    running = asyncio.get_running_loop().create_task(worker.run_free())
    await deed.until_begun()
    second = (await cottage.pending(OTHER_SHOP)).id
    await worker.run_free()
    deed.let_go.set()
    await running
    assert [(await cottage.row(one)).status for one in (first, second)] == ["completed", "completed"]


async def test_what_can_not_be_claimed_keeps_nobody_else_waiting(home: House, caplog: pytest.LogCaptureFixture) -> None:
    """Its customer's audit trail has lost its head, so nothing of theirs can be begun; it is told, again and again."""
    broken = await ask_often(home, CANDIDATES)
    with as_owner(home.database).begin() as connection:
        connection.execute(text("delete from audit_chain_heads"))
    other = await neighbour(home)
    late = (await other.pending(SHOP)).id
    await worker_of(home, FakeAgents(), FEW).run_free()
    assert (await other.row(late)).status == "completed"
    assert {(await home.row(one)).status for one in broken} == {"pending"}
    assert f"operation {broken[0]} can't be begun" in caplog.text


async def test_a_claim_does_not_wait_for_one_that_is_asleep(postgres_database: Database, clock: MovedClock) -> None:
    """A worker that is stopped in the middle of its claim keeps the lock for a while; no place of another waits with it."""
    home = await house(postgres_database, clock)
    asked = await home.pending(SHOP)
    asleep, woken = threading.Event(), threading.Event()

    def fall_asleep(session: CustomerSession) -> None:
        assert locked_until_commit(session, CLAIMS, home.visitor.customer_id)
        asleep.set()
        woken.wait(30)

    sleeping = asyncio.get_running_loop().create_task(home.run(fall_asleep))
    await asyncio.to_thread(asleep.wait)
    assert not await worker_of(home, FakeAgents(), FEW).run(home.visitor.customer_id, asked.id)
    woken.set()
    await sleeping
    assert await worker_of(home, FakeAgents(), FEW).run(home.visitor.customer_id, asked.id)
