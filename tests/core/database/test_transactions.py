"""A use case is one transaction: all of it or nothing, and nobody hears of it before it is there."""

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from core.database.session import CustomerSession, Database
from core.database.tables import OperationRow
from core.errors import NotFound
from tests.core.database.rows import Company, operation
from tests.postgres import as_owner

PATIENCE = 20  # seconds until a test that waits for another thread gives up


async def shops(database: Database, customer_id: UUID) -> set[str]:
    query = select(OperationRow.store_origin)
    return set(await database.read(customer_id, lambda session: session.exec(query).all()))


async def test_what_raises_leaves_nothing_behind_and_passes_through(database: Database, ours: Company) -> None:
    def add_and_fail(session: CustomerSession) -> None:
        session.add(operation(ours, shop="second.example"))
        session.flush()
        raise NotFound(because="of the test")

    with pytest.raises(NotFound):
        await database.run(ours.id, add_and_fail)
    assert await shops(database, ours.id) == {"https://tea.example"}


async def test_what_a_use_case_gives_back_is_given_back(database: Database, ours: Company) -> None:
    assert await database.run(ours.id, lambda session: session.customer_id) == ours.id


async def test_others_are_woken_only_after_the_commit(database: Database, ours: Company) -> None:
    """On the event loop, and with what was written there for others to read."""
    seen: list[set[str]] = []
    loop_thread = threading.get_ident()

    def wake_up() -> None:
        assert threading.get_ident() == loop_thread
        with as_owner(database).connect() as another:
            seen.append(set(another.execute(text("SELECT store_origin FROM autonomous_operations")).scalars()))

    def add(session: CustomerSession) -> None:
        session.after_commit(wake_up)
        session.add(operation(ours, shop="second.example"))
        session.flush()
        assert not seen

    await database.run(ours.id, add)
    assert seen == [{"https://tea.example", "https://second.example"}]


async def test_nobody_is_woken_by_what_was_rolled_back(database: Database, ours: Company) -> None:
    woken: list[str] = []

    def refused_at_the_commit(session: CustomerSession) -> None:
        session.after_commit(lambda: woken.append("woken"))
        session.add(operation(ours))  # a second open operation at the same shop

    with pytest.raises(IntegrityError):
        await database.run(ours.id, refused_at_the_commit)
    assert woken == []


async def test_a_reader_does_not_wait_for_a_writer(database: Database, ours: Company) -> None:
    """While a writer is in the middle of its transaction, a reader reads what was there before."""
    async with writing(database, ours, "second.example"):
        assert await asyncio.wait_for(shops(database, ours.id), PATIENCE / 4) == {"https://tea.example"}
    assert await shops(database, ours.id) == {"https://tea.example", "https://second.example"}


class writing:  # noqa: N801  reads as a statement: `async with writing(...)`
    """A transaction that has written and is not committed until the block ends."""

    def __init__(self, database: Database, ours: Company, shop: str) -> None:
        self._written, self._go_on = threading.Event(), threading.Event()
        self._use_case = self._write(ours, shop)
        self._database, self._customer_id = database, ours.id

    def _write(self, ours: Company, shop: str) -> Callable[[CustomerSession], None]:
        def write(session: CustomerSession) -> None:
            session.add(operation(ours, shop=shop))
            session.flush()
            self._written.set()
            assert self._go_on.wait(PATIENCE)

        return write

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._database.run(self._customer_id, self._use_case))
        assert await asyncio.to_thread(self._written.wait, PATIENCE)

    async def __aexit__(self, *_: object) -> None:
        self._go_on.set()
        await self._task


async def test_two_writers_do_not_lose_an_update(database: Database, ours: Company) -> None:
    """Both read a number, then write it one higher, at the same time."""

    def count_up(session: CustomerSession) -> None:
        row = session.exec(select(OperationRow).with_for_update()).one()
        row.attempt += 1
        session.add(row)

    await asyncio.gather(*(database.run(ours.id, count_up) for _ in range(8)))
    row = await database.read(ours.id, lambda session: session.exec(select(OperationRow)).one())
    assert row.attempt == 8


async def test_no_sql_runs_on_the_event_loop(database: Database, ours: Company) -> None:
    assert await database.run(ours.id, lambda session: threading.get_ident()) != threading.get_ident()


async def test_who_is_cancelled_goes_on_once_what_they_wrote_is_over(database: Database, ours: Company) -> None:
    """So that what they do next sees it; and others are woken by it, as it is there."""
    begun, go_on, woken = threading.Event(), threading.Event(), asyncio.Event()

    def add(session: CustomerSession) -> None:
        session.after_commit(woken.set)
        session.add(operation(ours, shop="second.example"))
        session.flush()
        begun.set()
        assert go_on.wait(PATIENCE)

    writing = asyncio.create_task(database.run(ours.id, add))
    await asyncio.to_thread(begun.wait, PATIENCE)
    writing.cancel()
    assert (await asyncio.wait({writing}, timeout=0.2))[0] == set()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert woken.is_set()
    assert await shops(database, ours.id) == {"https://tea.example", "https://second.example"}


async def test_what_fails_for_somebody_who_was_cancelled_is_nobodys_any_more(database: Database, ours: Company) -> None:
    begun, go_on, told = threading.Event(), threading.Event(), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def fail(session: CustomerSession) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        raise NotFound

    async def cancelled() -> None:
        writing = asyncio.create_task(database.run(ours.id, fail))
        await asyncio.to_thread(begun.wait, PATIENCE)
        for _ in range(2):  # somebody stops it, and then its time is over, too
            writing.cancel()
            assert (await asyncio.wait({writing}, timeout=0.1))[0] == set()
        go_on.set()
        await asyncio.wait({writing})
        assert writing.cancelled()

    await cancelled()
    await asyncio.sleep(0)
    gc.collect()
    assert told == []
