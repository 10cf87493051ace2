"""Pictures are kept for their customer alone, under names nobody can guess, and go when they are to go: wherever they are kept."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from core.browser import screenshots
from core.browser.object_storage.store import ObjectScreenshotStore
from core.browser.page import Picture
from core.browser.pictures import encoded
from core.browser.screenshots import FolderScreenshotStore, PicturesUnavailable, ScreenshotStore, file_name
from core.errors import NotFound
from tests.fakes.screenshots import MemoryScreenshotStore
from tests.object_store import LISTED_AT_ONCE, ObjectServer

REAL = ("folder", "objects", "objects below a prefix")
HOUR = timedelta(hours=1)

Put = Callable[[str, bytes], None]


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ScreenshotStore, Put]:
    """A store, and a way to put a file there past it."""
    if request.param == "memory":
        return MemoryScreenshotStore(), lambda name, content: None
    if request.param == "folder":
        return FolderScreenshotStore(tmp_path), lambda name, content: put_file(tmp_path / name, content)
    server: ObjectServer = request.getfixturevalue("objects")
    place = server.place("of/pictures" if "prefix" in request.param else "")
    begins = f"{place.prefix}/".lstrip("/")
    return ObjectScreenshotStore(place), lambda name, content: server.put(place, f"{begins}{name}", content)


def put_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def store(made: tuple[ScreenshotStore, Put]) -> ScreenshotStore:
    return made[0]


@pytest.fixture
def put(made: tuple[ScreenshotStore, Put]) -> Put:
    return made[1]


every_store = pytest.mark.parametrize("made", [*REAL, "memory"], indirect=True)  # the fake one has to behave alike
real_store = pytest.mark.parametrize("made", REAL, indirect=True)


@pytest.fixture
def picture() -> Picture:
    return encoded(Image.new("RGB", (1280, 800), (9, 99, 199)), (), "https://shop.example/")


def later() -> datetime:
    return datetime.now(UTC) + HOUR


def test_a_thumbnail_is_400_pixels_wide(picture: Picture) -> None:
    with Image.open(BytesIO(picture.thumbnail)) as small:
        assert (small.size, small.format) == ((400, 250), "WEBP")


@every_store
async def test_what_was_saved_is_loaded_in_both_sizes(store: ScreenshotStore, picture: Picture) -> None:
    customer = uuid4()
    stored = await store.save(customer, picture)
    assert await store.load(customer, stored.id, "full") == picture.webp
    assert stored.sha256 == hashlib.sha256(picture.webp).hexdigest()
    with Image.open(BytesIO(await store.load(customer, stored.id, "thumb"))) as small:
        assert small.size == (400, 250)


@every_store
async def test_another_customer_s_picture_is_not_there(store: ScreenshotStore, picture: Picture) -> None:
    customer, other = uuid4(), uuid4()
    stored = await store.save(customer, picture)
    with pytest.raises(NotFound):
        await store.load(other, stored.id, "full")
    with pytest.raises(NotFound):
        await store.load(customer, uuid4(), "thumb")
    await store.delete(other, [stored.id])
    assert await store.digests(other) == {}
    assert await store.kept_before(other, later()) == ()
    assert await store.load(customer, stored.id, "full") == picture.webp


@every_store
async def test_deleting_a_customer_s_pictures_leaves_the_others(store: ScreenshotStore, picture: Picture) -> None:
    gone, kept = uuid4(), uuid4()
    lost, left = await store.save(gone, picture), await store.save(kept, picture)
    await store.delete_all(gone)
    await store.delete_all(uuid4())
    with pytest.raises(NotFound):
        await store.load(gone, lost.id, "full")
    assert await store.load(kept, left.id, "full") == picture.webp


@every_store
async def test_these_pictures_are_deleted_with_their_thumbnails_and_once_more_is_no_error(
    store: ScreenshotStore, picture: Picture
) -> None:
    customer = uuid4()
    lost, left = [await store.save(customer, picture) for _ in range(2)]
    for _ in range(2):
        await store.delete(customer, [lost.id, uuid4()])
    await store.delete(customer, [])
    assert await store.digests(customer) == {left.id: left.sha256}
    with pytest.raises(NotFound):
        await store.load(customer, lost.id, "thumb")


@every_store
async def test_pictures_saved_at_once_are_all_kept(store: ScreenshotStore, picture: Picture) -> None:
    customers = [uuid4() for _ in range(3)]
    saved = await asyncio.gather(*(store.save(customer, picture) for customer in customers for _ in range(8)))
    assert len({one.id for one in saved}) == len(saved)
    for customer in customers:
        assert len(await store.digests(customer)) == 8


@real_store
async def test_a_digest_is_of_what_is_there_now(store: ScreenshotStore, picture: Picture, put: Put) -> None:
    customer = uuid4()
    stored = await store.save(customer, picture)
    put(f"{customer.hex}/{file_name(stored.id, 'full')}", b"another picture")
    assert await store.digests(customer) == {stored.id: hashlib.sha256(b"another picture").hexdigest()}


@real_store
async def test_pictures_are_as_old_as_the_moment_they_were_written(store: ScreenshotStore, picture: Picture) -> None:
    customer = uuid4()
    stored = [await store.save(customer, picture) for _ in range(3)]
    assert set(await store.kept_before(customer, later())) == {one.id for one in stored}
    assert await store.kept_before(customer, datetime.now(UTC) - HOUR) == ()


@real_store
async def test_the_oldest_picture_comes_first(store: ScreenshotStore, picture: Picture) -> None:
    """A store may tell whole seconds only: the next are written once another has begun."""
    customer = uuid4()
    before = [await store.save(customer, picture) for _ in range(3)]
    await asyncio.sleep(1.1)  # which is the second: no other is to be waited for
    after = [await store.save(customer, picture) for _ in range(3)]
    found = await store.kept_before(customer, later())
    assert set(found[:3]) == {one.id for one in before}
    assert set(found[3:]) == {one.id for one in after}


@real_store
async def test_what_a_crash_has_left_is_found_and_what_is_somebody_elses_is_not(
    store: ScreenshotStore, picture: Picture, put: Put
) -> None:
    """A thumbnail is written before its picture: one that stands alone is what was left."""
    customer, alone = uuid4(), uuid4()
    await store.save(customer, picture)
    put(f"{customer.hex}/{file_name(alone, 'thumb')}", b"half a picture")
    put(f"{customer.hex}/notes.full.webp", b"no picture of ours")
    assert alone not in await store.digests(customer)
    found = await store.kept_before(customer, later())
    assert (len(found), alone in found) == (2, True)
    await store.delete(customer, found)
    assert await store.kept_before(customer, later()) == ()


@pytest.mark.parametrize("made", ["folder", "objects"], indirect=True)
async def test_more_pictures_than_a_store_lists_at_once_are_all_found_and_deleted(
    store: ScreenshotStore, put: Put
) -> None:
    customer, neighbour, many = uuid4(), uuid4(), [uuid4() for _ in range(2 * LISTED_AT_ONCE + 5)]
    await asyncio.to_thread(put, f"{neighbour.hex}/{file_name(many[0], 'full')}", b"theirs")
    for one in many:
        await asyncio.to_thread(put, f"{customer.hex}/{file_name(one, 'full')}", one.bytes)
    assert set(await store.kept_before(customer, later())) == set(many)
    digests = await store.digests(customer)
    assert digests == {one: hashlib.sha256(one.bytes).hexdigest() for one in many}
    await store.delete_all(customer)
    assert await store.kept_before(customer, later()) == ()
    assert await store.load(neighbour, many[0], "full") == b"theirs"


async def test_only_the_owner_can_read_the_files_and_no_part_is_left(tmp_path: Path, picture: Picture) -> None:
    await FolderScreenshotStore(tmp_path / "pictures").save(uuid4(), picture)
    entries = [tmp_path / "pictures", *(tmp_path / "pictures").rglob("*")]
    assert {entry.stat().st_mode & 0o777 for entry in entries if entry.is_dir()} == {0o700}
    files = [entry for entry in entries if entry.is_file()]
    assert {entry.stat().st_mode & 0o777 for entry in files} == {0o600}
    assert len(files) == 2


async def test_what_can_not_be_deleted_is_no_silence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    customer, store = uuid4(), FolderScreenshotStore(tmp_path)
    (tmp_path / customer.hex).write_text("no folder")
    with pytest.raises(PicturesUnavailable, match="Not a directory"):
        await store.delete_all(customer)
    assert customer.hex in caplog.text


async def test_a_folder_that_takes_nothing_is_told_in_a_sentence(tmp_path: Path, picture: Picture) -> None:
    (tmp_path / "pictures").write_text("no folder")
    with pytest.raises(PicturesUnavailable) as told:
        await FolderScreenshotStore(tmp_path / "pictures").save(uuid4(), picture)
    assert told.value.sentence == "The place where pictures are kept can't be used. File exists."
    assert (told.value.retry, str(tmp_path) in told.value.sentence) == (True, False)


async def test_what_a_process_was_writing_when_it_died_is_found_and_deleted(tmp_path: Path, picture: Picture) -> None:
    store, customer_id = FolderScreenshotStore(tmp_path), uuid4()
    whole, half = await store.save(customer_id, picture), uuid4()
    part = tmp_path / customer_id.hex / f"{half.hex}.full.webp.part"
    part.write_bytes(b"RIFF")
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert set(await store.kept_before(customer_id, later)) == {whole.id, half}
    assert (await store.digests(customer_id)).keys() == {whole.id}
    await store.delete(customer_id, [half])
    assert not part.exists()


async def test_no_folder_stays_of_a_customer_who_has_no_picture_left(tmp_path: Path, picture: Picture) -> None:
    store, customer = FolderScreenshotStore(tmp_path / "pictures"), uuid4()
    first, second = [await store.save(customer, picture) for _ in range(2)]
    await store.delete(customer, [first.id])
    assert await store.load(customer, second.id, "full") == picture.webp
    await store.delete(customer, [second.id])
    assert await asyncio.to_thread(os.listdir, tmp_path / "pictures") == []


async def test_a_picture_is_kept_though_the_folder_goes_with_the_last_one_before_it(
    tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, went = screenshots._write, list[Path]()

    def write_once_it_went(file: Path, content: bytes) -> None:
        if not went:
            file.parent.rmdir()
            went.append(file.parent)
        write(file, content)

    monkeypatch.setattr(screenshots, "_write", write_once_it_went)
    store, customer = FolderScreenshotStore(tmp_path), uuid4()
    kept = await store.save(customer, picture)
    assert went
    assert await store.load(customer, kept.id, "full") == picture.webp


@pytest.mark.parametrize("meanwhile", ["one is written", "one goes by itself"])
async def test_all_pictures_go_though_a_run_that_ends_still_writes_there(
    tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    store, customer = FolderScreenshotStore(tmp_path), uuid4()
    await store.save(customer, picture)
    name = "rmdir" if meanwhile == "one is written" else "unlink"
    really, came = getattr(os, name), list[str]()

    def in_between(path: str, *, dir_fd: int | None = None) -> None:
        if not came:
            came.append(path)
            put_file(tmp_path / customer.hex / "new", b"") if name == "rmdir" else really(path, dir_fd=dir_fd)
        really(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, name, in_between)
    await store.delete_all(customer)
    assert came
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_who_is_cancelled_while_a_picture_is_written_leaves_none(
    tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, put = threading.Event(), threading.Event(), screenshots._put

    def put_slowly(file: Path, content: bytes) -> None:
        begun.set()
        may_end.wait()
        put(file, content)

    monkeypatch.setattr(screenshots, "_put", put_slowly)
    saving = asyncio.ensure_future(FolderScreenshotStore(tmp_path).save(uuid4(), picture))
    await asyncio.to_thread(begun.wait)
    saving.cancel()
    asyncio.get_running_loop().call_soon(may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await saving
    assert await asyncio.to_thread(os.listdir, tmp_path) == []
