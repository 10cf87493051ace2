"""A store that is silent, refuses or is not there is told in a sentence, soon, and tells nobody where or who we are."""

import asyncio
import logging
import socket
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from core.browser.object_storage import bucket
from core.browser.object_storage.place import AccessKeys, ObjectPlace, StoreAccess
from core.browser.object_storage.store import ObjectScreenshotStore
from core.browser.page import Picture
from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable
from core.security.secret import Secret
from tests.app.running import free_port
from tests.marked import marked
from tests.object_store import ObjectServer

ROOT = Path(__file__).parents[4]
PICTURE = Picture(b"a picture", b"its thumbnail", 1, 1, (), "https://shop.example/")
SOON = 10.0  # seconds until what is out of reach is told
SOME_TIME = 60.0  # seconds until what a server on this machine answers is told, however busy that is
CUSTOMER = uuid4()

CALLS: dict[str, Callable[[ObjectScreenshotStore], Awaitable[object]]] = {
    "save": lambda store: store.save(CUSTOMER, PICTURE),
    "load": lambda store: store.load(CUSTOMER, uuid4(), "full"),
    "kept_before": lambda store: store.kept_before(CUSTOMER, datetime.now(UTC)),
    "digests": lambda store: store.digests(CUSTOMER),
    "delete": lambda store: store.delete(CUSTOMER, [uuid4()]),
    "delete_all": lambda store: store.delete_all(CUSTOMER),
}


@pytest.fixture
def no_keys_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a role, and a person without a configuration."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections, and says nothing; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def reaching(endpoint: str) -> StoreAccess:
    return StoreAccess(endpoint, AccessKeys(Secret("AKIAMADEUP"), Secret(marked())))


async def refused(
    place: ObjectPlace, calls: Iterable[str] = CALLS, within: float = SOME_TIME
) -> dict[str, PicturesUnavailable]:
    """What comes of each of these calls, at once and by one client: to make another takes longer than to ask."""
    store = ObjectScreenshotStore(place)
    async with asyncio.timeout(within):
        return dict(zip(calls, await asyncio.gather(*(told(store, call) for call in calls)), strict=True))


async def told(store: ObjectScreenshotStore, call: str) -> PicturesUnavailable:
    place = store._place
    with pytest.raises(PicturesUnavailable) as caught:
        await CALLS[call](store)
    error = caught.value
    assert (error.retry, error.code) == (True, "pictures_unavailable"), call
    assert (error.__cause__, error.__suppress_context__) == (None, True), call
    shown = f"{error!r} {error.sentence}"
    assert place.access.endpoint is None or place.access.endpoint.removeprefix("http://") not in shown, call
    assert place.bucket not in shown, call
    assert "AKIAMADEUP" not in "".join(traceback.format_exception(error)), call
    return error


async def test_where_nobody_listens_it_is_told_soon() -> None:
    place = ObjectPlace("nobodys-bucket", "", reaching(f"http://127.0.0.1:{free_port()}"))
    for call, error in (await refused(place, within=SOON)).items():
        assert isinstance(error, PicturesOutOfReach), call
        assert "does not answer" in error.sentence, call


async def test_a_store_that_says_nothing_is_not_waited_for_longer_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "ANSWERED_WITHIN", 0.2)
    with silent_server() as endpoint:
        place = ObjectPlace("nobodys-bucket", "", reaching(endpoint))
        found = await refused(place, CALLS.keys() - {"save"}, within=SOON)
        monkeypatch.setattr(bucket, "LONGEST_REQUEST", 2.0)  # what is written waits for more than an answer
        found |= await refused(place, ["save"], within=SOON)
    assert {call: type(error) for call, error in found.items()} == dict.fromkeys(CALLS, PicturesOutOfReach)


async def test_there_is_an_end_to_waiting_whatever_the_library_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "ANSWERED_WITHIN", 3600)
    monkeypatch.setattr(bucket, "LONGEST_REQUEST", 0.5)
    with silent_server() as endpoint:
        found = await refused(ObjectPlace("nobodys-bucket", "", reaching(endpoint)), ["save"], within=SOON)
    assert isinstance(found["save"], PicturesOutOfReach)


async def test_a_bucket_that_is_not_there_is_no_picture_that_is_not_there(objects: ObjectServer) -> None:
    found = await refused(ObjectPlace("nobody-has-made-this", "", objects.access()))
    assert {error.because for error in found.values()} == {"The object store has no such bucket."}


async def test_keys_that_the_store_does_not_know_are_told(objects: ObjectServer) -> None:
    place = objects.place()
    with objects.strict():
        found = await refused(place)
    (because,) = {error.because for error in found.values()}
    assert because.endswith("refuses our keys, or what is asked with them (InvalidAccessKeyId).")


@pytest.mark.usefixtures("no_keys_around")
async def test_without_any_keys_it_is_told_that_there_are_none(objects: ObjectServer) -> None:
    found = await refused(ObjectPlace(objects.place().bucket, "", StoreAccess(objects.url)), ["save"])
    assert found["save"].because == "There are no keys for the object store."


async def test_a_store_that_comes_back_is_used_again(objects: ObjectServer) -> None:
    place = objects.place()
    store = ObjectScreenshotStore(place)
    objects.remove(place)
    with pytest.raises(PicturesUnavailable):
        await store.save(CUSTOMER, PICTURE)
    again = ObjectScreenshotStore(objects.place())
    stored = await again.save(CUSTOMER, PICTURE)
    assert await again.digests(CUSTOMER) == {stored.id: stored.sha256}


async def test_a_picture_is_never_there_without_its_thumbnail(objects: ObjectServer) -> None:
    """The first of the two that fails leaves the second unwritten."""
    place = objects.place("x")
    store = ObjectScreenshotStore(place)
    await store.save(CUSTOMER, PICTURE)
    written: list[str] = []
    opened = await store._opened()
    write = opened.write

    async def noted(name: str, content: bytes) -> None:
        written.append(name.partition(".")[2])
        await write(name, content)

    opened.write = noted  # type: ignore[method-assign]  # to see the order
    await store.save(CUSTOMER, PICTURE)
    assert written == ["thumb.webp", "full.webp"]
    assert all(name.startswith(f"x/{CUSTOMER.hex}/") for name in objects.names(place))


async def test_who_waits_for_a_silent_store_keeps_no_thread_from_the_database() -> None:
    """What is done in threads goes on, however many pictures wait."""
    with silent_server() as endpoint:
        store = ObjectScreenshotStore(ObjectPlace("nobodys-bucket", "", reaching(endpoint)))
        loop = asyncio.get_running_loop()
        saving = [loop.create_task(store.save(CUSTOMER, PICTURE)) for _ in range(40)]
        await store._opened()
        async with asyncio.timeout(SOON):
            for _ in range(100):
                await asyncio.to_thread(lambda: None)
        assert not any(one.done() for one in saving)
        for one in saving:
            one.cancel()
        await asyncio.wait(saving)


def test_one_store_serves_one_loop_after_the_other(objects: ObjectServer) -> None:
    """As commands do, which begin a loop for each thing they do."""
    store = ObjectScreenshotStore(objects.place())
    stored = asyncio.run(store.save(CUSTOMER, PICTURE))
    assert asyncio.run(store.load(CUSTOMER, stored.id, "thumb")) == PICTURE.thumbnail


async def test_who_stops_waiting_stops_the_request() -> None:
    with silent_server() as endpoint:
        store = ObjectScreenshotStore(ObjectPlace("nobodys-bucket", "", reaching(endpoint)))
        begun, stopped, opened = Event(), Event(), await store._opened()

        async def noted(path: str, content: bytes) -> None:
            begun.set()
            try:
                await write(path, content)
            finally:
                stopped.set()

        write, opened._files._pipe_file = opened._files._pipe_file, noted
        saving = asyncio.get_running_loop().create_task(store.save(CUSTOMER, PICTURE))
        assert await asyncio.to_thread(begun.wait, SOON)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        assert await asyncio.to_thread(stopped.wait, SOON)


async def test_the_keys_are_in_no_log_however_much_is_logged(
    objects: ObjectServer, caplog: pytest.LogCaptureFixture
) -> None:
    """But for the client's own debugging: it logs what it signs with, and nobody switches that on by AUTOPILOT's means."""
    place = objects.place()
    assert place.access.keys is not None
    secret = place.access.keys.secret.reveal()
    with caplog.at_level(logging.INFO):
        await ObjectScreenshotStore(place).save(CUSTOMER, PICTURE)
        await refused(ObjectPlace("nobody-has-made-this", "", place.access), ["save"])
    assert "NoSuchBucket" in caplog.text
    assert secret not in caplog.text
    assert secret not in f"{place!r} {place} {place.access!r}"


def test_a_start_does_not_wait_for_the_libraries_of_object_storage() -> None:
    look = "import sys, app.bootstrap, app.commands.serve; print([n for n in ('s3fs', 'fsspec', 'botocore') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", look], cwd=ROOT, text=True).strip() == "[]"
