"""The queue of many processes: it wakes with the commit, is heard everywhere, and outlives a connection that is cut."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from app import distributed
from app.distributed import SharedQueue
from core.database.between_processes import LONGEST_NAME, WORKER, Leadership, News, libpq_url, workers_connected
from core.database.session import CustomerSession, Database
from core.operations.shared_progress import SharedProgress
from tests.core.operations.house import House, house
from tests.fakes.clock import MovedClock
from tests.fakes.work import FakeWork
from tests.postgres import as_owner, owned

CUSTOMER = uuid4()
SOON = 10  # seconds


@asynccontextmanager
async def process(
    database: Database, work: FakeWork, *, works: bool = True, name: str = ""
) -> AsyncIterator[SharedQueue]:
    """A queue as another process would have it, which listens already."""
    queue = SharedQueue(database.url, SharedProgress(database), works=works, at_once=4, name=name)
    queue.start(work)
    try:
        async with asyncio.timeout(SOON):
            await queue.listening()
        yield queue
    finally:
        await queue.shut_down()


async def enqueue(database: Database, queue: SharedQueue, operation_id: UUID, error: Exception | None = None) -> None:
    def use_case(session: CustomerSession) -> None:
        queue.enqueue(session, CUSTOMER, operation_id)
        if error:
            raise error

    await database.run(CUSTOMER, use_case)


def wake_ups(database: Database) -> list[dict[str, str]]:
    with as_owner(database).connect() as connection:
        return list(connection.execute(text("select args from procrastinate_jobs")).scalars())


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await so():  # noqa: ASYNC110  what is waited for is in a database, or another process
            await asyncio.sleep(0.02)


async def test_a_wake_up_exists_with_the_commit_and_names_ids_alone(postgres_database: Database) -> None:
    queue = SharedQueue(postgres_database.url, SharedProgress(postgres_database), works=False, at_once=1)
    with pytest.raises(RuntimeError):
        await enqueue(postgres_database, queue, uuid4(), RuntimeError("after all"))
    assert wake_ups(postgres_database) == []
    operation_id = uuid4()
    await enqueue(postgres_database, queue, operation_id)
    assert wake_ups(postgres_database) == [{"customer_id": str(CUSTOMER), "operation_id": str(operation_id)}]


async def test_what_one_process_asks_another_is_woken_for_at_once(postgres_database: Database) -> None:
    asking, working = FakeWork(), FakeWork()
    working.may_end.set()
    async with process(postgres_database, asking, works=False) as asks, process(postgres_database, working):
        operation_id = uuid4()
        working.free.append((CUSTOMER, operation_id))
        await enqueue(postgres_database, asks, operation_id)
        await working.until(operation_id)

        async def none_is_left() -> bool:
            return wake_ups(postgres_database) == []

        await until(none_is_left)
    assert asking.begun == []


async def test_a_stop_is_heard_by_whoever_runs_it_and_the_words_stay_in_the_table(postgres_database: Database) -> None:
    here, there, operation_id = FakeWork(), FakeWork(), uuid4()
    async with process(postgres_database, here, works=False) as asks, process(postgres_database, there):
        await postgres_database.run(CUSTOMER, lambda session: asks.stop(session, operation_id, "not today"))

        async def heard() -> bool:
            return there.looked_at == [operation_id]

        await until(heard)
    assert "today" not in News(CUSTOMER, operation_id, look=True).text


async def test_progress_is_heard_in_every_process_and_only_if_it_is_committed(postgres_database: Database) -> None:
    told: list[UUID] = []
    async with process(postgres_database, FakeWork()) as queue:
        queue._progress.subscribe(CUSTOMER, told.append)
        writer, never, kept = SharedProgress(postgres_database), uuid4(), uuid4()

        def taken_back(session: CustomerSession) -> None:
            writer.publish(session, CUSTOMER, never)
            raise RuntimeError("after all")

        with pytest.raises(RuntimeError):
            await postgres_database.run(CUSTOMER, taken_back)
        await postgres_database.run(CUSTOMER, lambda session: writer.publish(session, CUSTOMER, kept))

        async def heard() -> bool:
            return kept in told

        await until(heard)
    assert told == [kept]


def cut_every_connection(database: Database) -> None:
    url = libpq_url(owned(database).url)
    with psycopg.connect(url, autocommit=True) as owner:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'autopilot' AND datname = %s"
        owner.execute(others, (database.url.database,))


async def test_after_its_connections_were_cut_it_hears_and_is_woken_again(
    postgres_database: Database, clock: MovedClock
) -> None:
    """And whoever watches is told of what may have been missed meanwhile."""
    home: House = await house(postgres_database, clock)
    asked, told, work = await home.ask(), list[UUID](), FakeWork()
    work.may_end.set()
    async with process(postgres_database, work) as queue:
        queue._progress.subscribe(home.visitor.customer_id, told.append)
        cut_every_connection(postgres_database)

        async def told_anew() -> bool:
            return asked.id in told

        await until(told_anew)
        operation_id = uuid4()
        work.free.append((CUSTOMER, operation_id))
        await enqueue(postgres_database, queue, operation_id)
        await work.until(operation_id)


async def test_a_watcher_that_raises_does_not_end_the_news(
    postgres_database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "AGAIN_AFTER", 0.01)
    told: list[UUID] = []

    def hear(operation_id: UUID) -> None:
        told.append(operation_id)
        if len(told) == 1:
            raise KeyError("nobody thought of this")

    async with process(postgres_database, FakeWork()) as queue:
        queue._progress.subscribe(CUSTOMER, hear)
        writer = SharedProgress(postgres_database)

        async def heard_twice() -> bool:
            await postgres_database.run(CUSTOMER, lambda session: writer.publish(session, CUSTOMER, uuid4()))
            return len(told) > 1

        await until(heard_twice)
    assert "nobody thought of this" in caplog.text


async def test_a_leader_that_is_asleep_leads_no_longer(postgres_database: Database) -> None:
    leader = Leadership(postgres_database.url)
    assert await leader.is_ours()
    assert leader._connection is not None
    told = await leader._connection.execute("SHOW idle_session_timeout")
    assert await told.fetchone() == ("30s",)
    await leader.resign()


async def test_one_process_leads_and_another_takes_the_lead_when_it_is_gone(postgres_database: Database) -> None:
    first, second = Leadership(postgres_database.url), Leadership(postgres_database.url)
    assert [await first.is_ours(), await second.is_ours(), await first.is_ours()] == [True, False, True]
    await first.resign()
    assert [await second.is_ours(), await first.is_ours()] == [True, False]
    cut_every_connection(postgres_database)
    assert not await second.is_ours()  # it has lost it, and says so before it does anything more
    assert await first.is_ours()
    await first.resign()
    await second.resign()


async def test_a_round_is_done_by_whoever_leads(postgres_database: Database) -> None:
    done: list[str] = []
    async with process(postgres_database, FakeWork()) as one, process(postgres_database, FakeWork()) as two:
        for name, queue in (("one", one), ("two", two)):

            async def note(name: str = name) -> None:
                done.append(name)

            queue.every("note", 0.02, note, first_after=0)

        async def often() -> bool:
            return len(done) > 10

        await until(often)
    assert len(set(done)) == 1


async def test_what_a_dead_worker_was_woken_for_is_cleared_and_whoever_clears_it_does_not_lead(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "STALLED_AFTER", 0.0)
    asks = SharedQueue(postgres_database.url, SharedProgress(postgres_database), works=False, at_once=1)
    await enqueue(postgres_database, asks, uuid4())
    with as_owner(postgres_database).begin() as connection:
        died = "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id"
        number = connection.execute(text(died)).scalar_one()
        connection.execute(text(f"update procrastinate_jobs set status = 'doing', worker_id = {number}"))
    async with process(postgres_database, FakeWork()) as queue:
        await queue._clear_leftovers()
        assert wake_ups(postgres_database) == []
        leader = Leadership(postgres_database.url)
        assert await leader.is_ours()
        await leader.resign()


async def test_what_is_no_news_of_ours_is_passed_over(postgres_database: Database) -> None:
    told: list[UUID] = []
    async with process(postgres_database, FakeWork()) as queue:
        queue._progress.subscribe(CUSTOMER, told.append)
        with psycopg.connect(libpq_url(owned(postgres_database).url), autocommit=True) as stranger:
            for nonsense in (
                "",
                "nonsense",
                "[]",
                "[" * 7900,
                '{"customer_id": 1}',
                '{"customer_id": "x", "operation_id": "y"}',
            ):
                stranger.execute("SELECT pg_notify('autopilot_news', %s)", (nonsense,))
        operation_id = uuid4()
        progress = SharedProgress(postgres_database)
        await postgres_database.run(CUSTOMER, lambda session: progress.publish(session, CUSTOMER, operation_id))

        async def heard() -> bool:
            return bool(told)

        await until(heard)
    assert told == [operation_id]


async def test_who_works_is_seen_by_all_also_with_nothing_to_do_until_it_ends(postgres_database: Database) -> None:
    async def connected() -> tuple[str, ...] | None:
        return await postgres_database.read_across_customers(workers_connected, because="staff look who works")

    async def are(*names: str) -> bool:
        return await connected() == names

    long = "x" * 100
    async with process(postgres_database, FakeWork(), works=False, name="asks"):
        assert await connected() == ()
        async with (
            process(postgres_database, FakeWork(), name="one"),
            process(postgres_database, FakeWork(), name=long),
        ):
            await until(partial(are, "one", long[: LONGEST_NAME - len(WORKER)]))
        await until(are)
