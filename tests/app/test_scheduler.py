"""The queue of one process: it wakes after the commit, finds what was forgotten, and waits for what it stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app import scheduler
from app.bootstrap import build
from app.scheduler import EmbeddedQueue
from core.database.session import CustomerSession, Database
from core.log_context import about, fields
from tests.app.running import settings
from tests.fakes.work import FakeWork

CUSTOMER = uuid4()


@pytest.fixture
def work() -> FakeWork:
    return FakeWork()


@pytest.fixture
async def queue(work: FakeWork) -> AsyncIterator[EmbeddedQueue]:
    queue = EmbeddedQueue()
    queue.start(work)
    yield queue
    await queue.shut_down()


async def enqueue(
    database: Database, queue: EmbeddedQueue, work: FakeWork, *operation_ids: UUID, error: Exception | None = None
) -> None:
    def use_case(session: CustomerSession) -> None:
        for operation_id in operation_ids:
            session.after_commit(partial(work.free.append, (CUSTOMER, operation_id)))
            queue.enqueue(session, CUSTOMER, operation_id)
        if error:
            raise error

    await database.run(CUSTOMER, use_case)


async def test_a_committed_operation_is_run(sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork) -> None:
    first, second = uuid4(), uuid4()
    await enqueue(sqlite_database, queue, work, first)
    await enqueue(sqlite_database, queue, work, second)
    await work.until(first, second)


async def test_what_is_done_again_and_again_is_about_no_request(queue: EmbeddedQueue) -> None:
    heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def do() -> None:
        heard.put_nowait(dict(fields()))

    with about(request="one that woke the scheduler"):
        queue.every("round", 3600, do, first_after=0)
    assert await asyncio.wait_for(heard.get(), 10) == {}


async def test_one_that_was_rolled_back_is_not(sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork) -> None:
    with pytest.raises(RuntimeError):
        await enqueue(sqlite_database, queue, work, uuid4(), error=RuntimeError("after all"))
    committed = uuid4()
    await enqueue(sqlite_database, queue, work, committed)
    await work.until(committed)


async def test_it_can_be_woken_again_while_it_works(
    sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork
) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    await enqueue(sqlite_database, queue, work, first, second)
    await work.until(first, second)
    await enqueue(sqlite_database, queue, work, third)
    await work.until(first, second, third)


async def test_what_was_asked_before_the_start_is_run_after_it(sqlite_database: Database, work: FakeWork) -> None:
    queue, operation_id = EmbeddedQueue(), uuid4()
    await enqueue(sqlite_database, queue, work, operation_id)
    queue.start(work)
    await work.until(operation_id)
    await queue.shut_down()


async def test_a_stop_is_told_after_the_commit(sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork) -> None:
    operation_id, told_within = uuid4(), []

    def use_case(session: CustomerSession) -> None:
        queue.stop(session, operation_id, "not today")
        told_within.extend(work.stopped)

    await sqlite_database.run(CUSTOMER, use_case)
    await work.until_stopped()
    assert (work.stopped, told_within) == ([(operation_id, "not today")], [])


async def test_what_waits_already_is_run_at_the_start(work: FakeWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "SWEEP_EVERY", 3600)
    queue, left, also_left = EmbeddedQueue(), uuid4(), uuid4()
    work.free += [(CUSTOMER, left), (CUSTOMER, also_left)]
    queue.start(work)
    await work.until(left, also_left)
    await queue.shut_down()


async def test_what_was_forgotten_is_found_by_the_next_look(work: FakeWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "SWEEP_EVERY", 0.01)
    queue, forgotten = EmbeddedQueue(), uuid4()
    queue.start(work)
    await work.looking.wait()
    work.free.append((CUSTOMER, forgotten))
    async with asyncio.timeout(10):
        while forgotten not in work.begun:
            work.looking.clear()
            await work.looking.wait()
    await queue.shut_down()


async def test_shutting_down_waits_for_what_it_cancels(
    sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork
) -> None:
    operation_id = uuid4()
    await enqueue(sqlite_database, queue, work, operation_id)
    await work.until(operation_id)
    await queue.shut_down()
    assert work.ended == [operation_id]
    await queue.shut_down()


async def test_a_look_under_way_begins_nothing_anew_while_all_is_shut_down(
    sqlite_database: Database, work: FakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run hands back would else be claimed again by the process that is about to end."""
    monkeypatch.setattr(scheduler, "SWEEP_EVERY", 0.01)
    queue, operation_id = EmbeddedQueue(), uuid4()
    queue.start(work)
    await enqueue(sqlite_database, queue, work, operation_id)
    await work.until(operation_id)
    work.may_look.clear()
    work.looking.clear()
    await work.looking.wait()

    original = work.run

    async def hand_back_slowly(customer_id: UUID, operation_id: UUID) -> None:
        try:
            await original(customer_id, operation_id)
        finally:
            work.may_look.set()
            for _ in range(20):
                await asyncio.sleep(0)

    monkeypatch.setattr(work, "run", hand_back_slowly)
    second = uuid4()
    await enqueue(sqlite_database, queue, work, second)
    await work.until(operation_id, second)
    await queue.shut_down()
    assert sorted(work.begun) == sorted([operation_id, second])
    assert sorted(work.ended) == sorted([operation_id, second])


async def test_a_bug_of_a_run_is_logged_and_the_queue_goes_on(
    sqlite_database: Database, queue: EmbeddedQueue, work: FakeWork, caplog: pytest.LogCaptureFixture
) -> None:
    work.bug = KeyError("nobody thought of this")
    work.may_end.set()
    first, second = uuid4(), uuid4()
    await enqueue(sqlite_database, queue, work, first)
    await work.until(first)
    await enqueue(sqlite_database, queue, work, second)
    await work.until(first, second)
    await asyncio.sleep(0)
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert logged
    assert "nobody thought of this" in caplog.text


async def test_a_round_is_done_again_and_again_and_never_twice_at_a_time(queue: EmbeddedQueue) -> None:
    begun: list[str] = []
    may_end, meanwhile, again = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.append("slow")
        if begun.count("slow") == 3:
            again.set()
        await may_end.wait()

    async def quick() -> None:
        begun.append("quick")
        if begun.count("quick") == 10:
            meanwhile.set()

    queue.every("slow", 0.01, slow, first_after=0)
    queue.every("quick", 0.01, quick, first_after=0)
    async with asyncio.timeout(10):
        await meanwhile.wait()
        assert begun.count("slow") == 1
        may_end.set()
        await again.wait()


async def test_a_round_that_meets_a_bug_is_logged_and_comes_again(
    queue: EmbeddedQueue, caplog: pytest.LogCaptureFixture
) -> None:
    again = asyncio.Event()

    async def failing() -> None:
        if "nobody thought of this" in caplog.text:
            again.set()
        raise KeyError("nobody thought of this")

    queue.every("failing", 0.01, failing, first_after=0)
    async with asyncio.timeout(10):
        await again.wait()


async def test_where_nothing_was_started_there_is_nothing_to_stop(sqlite_database: Database) -> None:
    """A command of the terminal withdraws a consent; whoever works on it, in another process, sees that by itself."""
    nothing = EmbeddedQueue()
    stop = partial(nothing.stop, operation_id=uuid4(), because="not today")
    await sqlite_database.run(CUSTOMER, stop)


async def test_what_a_deletion_could_not_take_along_is_tried_again_every_hour(tmp_path: Path) -> None:
    autopilot = build(settings(tmp_path, 1))
    autopilot._look_after_the_chains()
    assert isinstance(autopilot.queue, EmbeddedQueue)
    assert autopilot.queue._rounds["deletions"] == autopilot.deletions.again
    assert autopilot.queue._scheduler.get_job("deletions").trigger.interval == timedelta(hours=1)
