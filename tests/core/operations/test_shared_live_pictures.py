"""The live picture of a run that another process carries out: seen while somebody watches, and only as it is or just was."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.database.session import Database
from core.errors import NotFound
from core.operations import live_frames, live_relay, shared_live_pictures
from core.operations.live_frames import LiveFrames, Look
from core.operations.live_news import Shown, Watched, Whose, read_news
from core.operations.live_pictures import LiveState
from tests.core.operations.house import OTHER_SHOP, House, house
from tests.core.operations.live_processes import SOON, Process, process, until, until_it_is
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

QUIET = 2.0  # seconds; a busy machine may be silent for one
ROWS = "SELECT number, is_paused, webp FROM live_frames"


@dataclass
class Place:
    """A database, one operation of a customer's, and processes that share it."""

    home: House
    whose: Whose
    here: Process
    there: Process

    def rows(self) -> list[tuple[int, bool, bytes | None]]:
        """Every row, past the policies."""
        with as_owner(self.home.database).connect() as connection:
            return [(number, paused, webp) for number, paused, webp in connection.execute(text(ROWS))]


@pytest.fixture
async def place(postgres_database: Database, clock: MovedClock) -> AsyncIterator[Place]:
    """`there` carries out what `here` watches."""
    home = await house(postgres_database, clock)
    whose = home.visitor.customer_id, (await home.pending()).id
    async with process(postgres_database) as here, process(postgres_database) as there:
        yield Place(home, whose, here, there)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has died is known to be dead within two seconds."""
    monkeypatch.setattr(shared_live_pictures, "SAID_EVERY", 0.1)
    monkeypatch.setattr(live_relay, "LAPSES_AFTER", QUIET)
    for module in (shared_live_pictures, live_frames):
        monkeypatch.setattr(module, "UNHEARD", timedelta(seconds=QUIET))


async def test_what_one_process_shows_another_sees_and_the_newest_frame_alone_is_kept(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    assert await place.here.pictures.fetch(*place.whose) == b"one"
    sink.show(b"two")
    await place.here.sees(LiveState(2))
    assert await place.here.pictures.fetch(*place.whose) == b"two"
    assert place.rows() == [(2, False, b"two")]
    assert place.here.told == [LiveState(), LiveState(1), LiveState(2)]


async def test_whoever_comes_later_is_told_how_it_stands_though_nothing_changes(place: Place) -> None:
    place.here.watch(place.whose)
    (await place.there.carries_out(place.whose)).show(b"one")
    await place.here.sees(LiveState(1))
    async with process(place.home.database) as third:
        third.watch(place.whose)
        await third.sees(LiveState(1))
        assert await third.pictures.fetch(*place.whose) == b"one"


async def test_while_nobody_watches_anywhere_a_run_waits_and_nothing_is_kept(place: Place) -> None:
    sink = place.there.pictures.sink(*place.whose)
    waiting = asyncio.create_task(sink.watched())
    stop = place.here.watch(place.whose)
    async with asyncio.timeout(SOON):
        await waiting
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    stop()
    stop()
    await until(lambda: place.rows() == [])
    waiting = asyncio.create_task(sink.watched())
    sink.show(b"two")  # it was under way as the last one left
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await until(lambda: not place.there.pictures._tasks)
    assert place.rows() == []
    assert place.there.pictures._relays == {}
    with pytest.raises(NotFound):
        await place.here.pictures.fetch(*place.whose)


async def test_a_page_that_is_loaded_anew_sees_it_again(place: Place) -> None:
    stop = place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    stop()
    place.here.watch(place.whose)
    async with asyncio.timeout(SOON):
        while place.here.told[-1] == LiveState() or await place.here.pictures.fetch(*place.whose) != b"two":
            await sink.watched()
            sink.show(b"two")
            await asyncio.sleep(0.05)


async def test_a_pause_is_told_and_keeps_the_last_frame(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    sink.pause()
    await place.here.sees(LiveState(1, is_paused=True))
    assert place.rows() == [(1, True, b"one")]
    sink.show(b"two")
    await place.here.sees(LiveState(2))


async def test_a_pause_before_the_first_frame_is_told_too(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.pause()
    await place.here.sees(LiveState(0, is_paused=True))
    assert place.rows() == [(0, True, None)]
    with pytest.raises(NotFound):
        await place.here.pictures.fetch(*place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))


async def test_what_waits_to_be_written_as_a_pause_begins_never_is(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    async with place.there.pictures._gate:  # as if the database took its time
        sink.show(b"two")
        await asyncio.sleep(0)
        sink.pause()
    await place.here.sees(LiveState(1, is_paused=True))
    assert place.rows() == [(1, True, b"one")]


async def test_frames_that_come_faster_than_they_are_written_are_dropped(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    async with place.there.pictures._gate:
        for number in range(50):
            sink.show(f"{number}".encode())
            await asyncio.sleep(0)
    await place.here.sees(LiveState(1))
    assert place.rows() == [(1, False, b"49")]


async def test_with_its_page_a_run_has_no_picture_any_more(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    sink.end()
    await place.here.sees(LiveState())
    assert place.rows() == []
    with pytest.raises(NotFound):
        await place.here.pictures.fetch(*place.whose)


@pytest.mark.usefixtures("quick")
async def test_a_process_that_dies_watches_nothing_any_more(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    await place.here.die()
    await until(lambda: place.rows() == [])
    waiting = asyncio.create_task(sink.watched())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.usefixtures("quick")
async def test_what_a_process_showed_that_died_looks_live_no_more(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    await place.there.die()
    died = time.monotonic()
    await place.here.sees(LiveState())

    async def is_gone() -> bool:
        try:
            await place.here.pictures.fetch(*place.whose)
        except NotFound:
            return True
        return False

    await until_it_is(is_gone)
    assert time.monotonic() - died < QUIET + 3
    assert len(place.rows()) == 1
    await place.here.pictures.clear_leftovers()
    assert place.rows() == []


@pytest.mark.usefixtures("quick")
async def test_one_that_lives_stays_to_be_seen_though_its_page_stands_still(place: Place) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    with as_owner(place.home.database).connect() as connection:
        seen = text("SELECT seen_at FROM live_frames")
        first = connection.execute(seen).scalar_one()
        connection.rollback()
        while connection.execute(seen).scalar_one() < first + timedelta(seconds=2 * QUIET):
            connection.rollback()
            await asyncio.sleep(0.05)
    await place.there.pictures.clear_leftovers()
    assert place.rows() == [(1, False, b"one")]
    assert place.here.told == [LiveState(), LiveState(1)]


async def test_of_another_customer_nothing_is_told_or_fetched(place: Place) -> None:
    """Neither whoever names their operation, nor whoever says to the processes that they watch it."""
    other = await house(place.home.database, place.home.clock)
    theirs = other.visitor.customer_id, place.whose[1]
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    async with process(place.home.database) as third:
        third.watch(theirs)
        sink.show(b"one")
        await place.here.sees(LiveState(1))
        for one in (third, place.here):
            with pytest.raises(NotFound):
                await one.pictures.fetch(*theirs)
        assert third.told == [LiveState()]


async def test_what_a_process_carries_out_itself_is_seen_there_without_the_database(place: Place) -> None:
    stop = place.there.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    assert place.there.told == [LiveState(), LiveState(1)]
    assert await place.there.pictures.fetch(*place.whose) == b"one"
    sink.pause()
    assert place.there.told[-1] == LiveState(1, is_paused=True)
    await until(lambda: place.whose in place.here.pictures._relays)
    other = place.whose[0], uuid4()
    stop_other = place.here.watch(other)
    await until(lambda: other in place.there.pictures._relays)  # so it has heard itself by now
    assert place.whose not in place.there.pictures._relays
    assert place.rows() == []
    stop_other()
    stop()


async def test_who_watches_where_a_run_began_sees_it_where_it_goes_on(place: Place) -> None:
    place.there.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    sink.end()
    assert place.there.told == [LiveState(), LiveState(1), LiveState()]
    (await place.here.carries_out(place.whose)).show(b"two")
    await place.there.sees(LiveState(1))
    assert await place.there.pictures.fetch(*place.whose) == b"two"


async def test_a_process_that_ends_leaves_nothing_behind(place: Place) -> None:
    place.here.watch(place.whose)
    (await place.there.carries_out(place.whose)).show(b"one")
    await place.here.sees(LiveState(1))
    await place.there.pictures.close()
    assert place.rows() == []
    await place.here.sees(LiveState())
    assert not place.there.pictures._tasks


async def test_who_takes_a_run_over_goes_on_counting_and_the_one_before_takes_nothing_away(place: Place) -> None:
    first, second = (LiveFrames(place.home.database, uuid4()) for _ in range(2))
    await first.put(place.whose, Look(b"one", is_new=True, is_paused=False))
    await second.put(place.whose, Look(b"two", is_new=True, is_paused=False))
    await first.clear(place.whose)
    assert place.rows() == [(2, False, b"two")]
    await second.clear(place.whose)
    assert place.rows() == []


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Nobody gets at a frame meanwhile."""
    with as_owner(database).begin() as connection:
        connection.execute(text("LOCK TABLE live_frames IN ACCESS EXCLUSIVE MODE"))
        yield


async def test_frames_that_can_not_be_written_hold_nothing_up_and_the_newest_comes_afterwards(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.here.watch(place.whose)
    sink = await place.there.carries_out(place.whose)
    sink.show(b"one")
    await place.here.sees(LiveState(1))
    with locked(place.home.database):
        for number in range(40):
            sink.show(f"{number}".encode())
            await asyncio.sleep(0)
        run, writing = replace(place.home, database=place.there.database), time.monotonic()
        for _ in range(20):
            await run.put(place.whose[1], total_steps=9)  # what a run writes, by the same connections
        assert time.monotonic() - writing < 5
        await until(lambda: "a live picture is not brought: OperationalError" in caplog.text)
        assert time.monotonic() - writing < 5  # it does not wait for as long as what a run writes would
    await until(lambda: place.here.told[-1].number > 1)
    assert await place.here.pictures.fetch(*place.whose) == b"39"


async def test_at_most_one_thread_of_a_process_waits_whatever_there_is_to_show(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most = 0, 0
    put = LiveFrames.put

    async def counted(frames: LiveFrames, whose: Whose, look: Look) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await put(frames, whose, look)
        at_once -= 1

    monkeypatch.setattr(LiveFrames, "put", counted)
    every = [place.whose, (place.whose[0], (await place.home.pending(OTHER_SHOP)).id)]
    for whose in every:
        place.here.watch(whose)
    for sink in [await place.there.carries_out(whose) for whose in every]:
        sink.show(b"one")
    await until(lambda: len(place.rows()) == len(every))
    assert most == 1


def test_news_is_read_as_it_was_sent_and_nonsense_is_passed_over() -> None:
    process, whose = uuid4(), (uuid4(), uuid4())
    for news in (
        Watched(process, whose),
        Watched(process, whose, is_over=True),
        Shown(process, whose, LiveState(3, is_paused=True)),
    ):
        assert read_news(news.text) == news
    for nonsense in ("", "[]", "[" * 7900, '{"process": "x"}', Watched(process, whose).text.replace("is_over", "is_")):
        assert read_news(nonsense) is None


async def test_it_is_in_no_log_of_the_server(postgres_database: Database) -> None:
    with as_owner(postgres_database).connect() as connection:
        kind = "SELECT relpersistence::text FROM pg_class WHERE relname = 'live_frames'"
        assert connection.execute(text(kind)).scalar_one() == "u"
