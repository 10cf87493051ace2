"""Pictures are kept for their customer alone, under names nobody can guess, and go when they are to go."""

import hashlib
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from core.browser.page import Picture
from core.browser.pictures import encoded
from core.browser.screenshots import FolderScreenshotStore, ScreenshotStore
from core.errors import NotFound
from tests.fakes.screenshots import MemoryScreenshotStore


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ScreenshotStore:
    """The real store and the fake one have to behave alike."""
    return FolderScreenshotStore(tmp_path / "pictures") if request.param == "folder" else MemoryScreenshotStore()


@pytest.fixture
def picture() -> Picture:
    return encoded(Image.new("RGB", (1280, 800), (9, 99, 199)), (), "https://shop.example/")


def test_a_thumbnail_is_400_pixels_wide(picture: Picture) -> None:
    with Image.open(BytesIO(picture.thumbnail)) as small:
        assert (small.size, small.format) == ((400, 250), "WEBP")


async def test_what_was_saved_is_loaded_in_both_sizes(store: ScreenshotStore, picture: Picture) -> None:
    customer = uuid4()
    stored = await store.save(customer, picture)
    assert await store.load(customer, stored.id, "full") == picture.webp
    assert stored.sha256 == hashlib.sha256(picture.webp).hexdigest()
    with Image.open(BytesIO(await store.load(customer, stored.id, "thumb"))) as small:
        assert small.size == (400, 250)


async def test_another_customer_s_picture_is_not_there(store: ScreenshotStore, picture: Picture) -> None:
    stored = await store.save(uuid4(), picture)
    with pytest.raises(NotFound):
        await store.load(uuid4(), stored.id, "full")
    with pytest.raises(NotFound):
        await store.load(uuid4(), uuid4(), "thumb")


async def test_deleting_a_customer_s_pictures_leaves_the_others(store: ScreenshotStore, picture: Picture) -> None:
    gone, kept = uuid4(), uuid4()
    lost, left = await store.save(gone, picture), await store.save(kept, picture)
    await store.delete_all(gone)
    await store.delete_all(uuid4())
    with pytest.raises(NotFound):
        await store.load(gone, lost.id, "full")
    assert await store.load(kept, left.id, "full") == picture.webp


async def test_only_the_owner_can_read_the_files_and_no_part_is_left(tmp_path: Path, picture: Picture) -> None:
    await FolderScreenshotStore(tmp_path / "pictures").save(uuid4(), picture)
    entries = [tmp_path / "pictures", *(tmp_path / "pictures").rglob("*")]
    assert {entry.stat().st_mode & 0o777 for entry in entries if entry.is_dir()} == {0o700}
    files = [entry for entry in entries if entry.is_file()]
    assert {entry.stat().st_mode & 0o777 for entry in files} == {0o600}
    assert len(files) == 2


async def test_what_can_not_be_deleted_is_no_silence(tmp_path: Path) -> None:
    customer, store = uuid4(), FolderScreenshotStore(tmp_path)
    (tmp_path / customer.hex).write_text("no folder")
    with pytest.raises(OSError, match=customer.hex):
        await store.delete_all(customer)
