"""The live picture of a run reaches who watches it, and is nowhere else: the newest frame alone, and only meanwhile."""

import asyncio
from uuid import uuid4

import pytest

from core.errors import NotFound
from core.operations.live_pictures import InProcessLivePictures, LiveState

OURS, RUN = uuid4(), uuid4()


async def test_the_newest_frame_takes_the_place_of_the_one_before() -> None:
    pictures, told = InProcessLivePictures(), list[LiveState]()
    sink = pictures.sink(OURS, RUN)
    pictures.watch(OURS, RUN, told.append)
    await sink.watched()
    sink.show(b"one")
    sink.show(b"two")
    assert pictures.newest(OURS, RUN) == b"two"
    assert told == [LiveState(), LiveState(1), LiveState(2)]


async def test_a_pause_is_told_once_and_keeps_the_last_frame() -> None:
    pictures, told = InProcessLivePictures(), list[LiveState]()
    sink = pictures.sink(OURS, RUN)
    pictures.watch(OURS, RUN, told.append)
    await sink.watched()
    sink.show(b"one")
    sink.pause()
    sink.pause()
    assert pictures.newest(OURS, RUN) == b"one"
    sink.show(b"two")
    assert told == [LiveState(), LiveState(1), LiveState(1, is_paused=True), LiveState(2)]


async def test_whoever_comes_later_is_told_how_it_stands() -> None:
    pictures, told = InProcessLivePictures(), list[LiveState]()
    sink = pictures.sink(OURS, RUN)
    pictures.watch(OURS, RUN, lambda state: None)
    await sink.watched()
    sink.show(b"one")
    pictures.watch(OURS, RUN, told.append)
    assert told == [LiveState(1)]


async def test_a_run_of_another_customer_has_no_picture_whatever_its_id() -> None:
    pictures = InProcessLivePictures()
    sink, told = pictures.sink(OURS, RUN), list[LiveState]()
    theirs = uuid4()
    pictures.watch(OURS, RUN, lambda state: None)
    pictures.watch(theirs, RUN, told.append)
    await sink.watched()
    sink.show(b"one")
    assert told == [LiveState()]
    with pytest.raises(NotFound):
        pictures.newest(theirs, RUN)


async def test_while_nobody_watches_a_run_waits_and_nothing_is_kept() -> None:
    pictures = InProcessLivePictures()
    sink = pictures.sink(OURS, RUN)
    waiting = asyncio.create_task(sink.watched())
    await asyncio.sleep(0)
    assert not waiting.done()
    stop = pictures.watch(OURS, RUN, lambda state: None)
    await waiting
    sink.show(b"one")
    stop()
    stop()
    with pytest.raises(NotFound):
        pictures.newest(OURS, RUN)
    sink.show(b"two")  # it was under way as the last one left
    with pytest.raises(NotFound):
        pictures.newest(OURS, RUN)
    waiting = asyncio.create_task(sink.watched())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_with_its_page_a_run_has_no_picture_any_more_and_nothing_of_it_is_left() -> None:
    pictures, told = InProcessLivePictures(), list[LiveState]()
    sink = pictures.sink(OURS, RUN)
    stop = pictures.watch(OURS, RUN, told.append)
    await sink.watched()
    sink.show(b"one")
    sink.end()
    assert told[-1] == LiveState()
    with pytest.raises(NotFound):
        pictures.newest(OURS, RUN)
    stop()
    assert pictures._runs == {}


async def test_a_page_that_never_opened_leaves_nothing_either() -> None:
    pictures = InProcessLivePictures()
    pictures.sink(OURS, RUN).end()
    assert pictures._runs == {}
