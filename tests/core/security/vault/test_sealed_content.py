"""Pictures lie in their folder sealed: each opens as itself, for its customer, and none once the customer's keys are gone."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy, copytree
from uuid import UUID

import pytest
from PIL import Image

from core.browser.page import Picture
from core.browser.pictures import encoded
from core.browser.screenshots import FolderScreenshotStore
from core.database.session import Database
from core.errors import NotFound
from core.security.vault.customer_keys import KeyDestroyed
from core.security.vault.sealed_content import Altered, SealedContent
from tests.core.security.vault.strongroom import Strongroom
from tests.fakes.clock import MovedClock


@pytest.fixture
async def room(database: Database, clock: MovedClock) -> Strongroom:
    room = Strongroom(database, clock)
    await room.open()
    return room


def store_in(folder: Path, room: Strongroom) -> FolderScreenshotStore:
    return FolderScreenshotStore(folder, SealedContent(room.database, room.customer_keys, room.clock))


@pytest.fixture
def store(room: Strongroom, tmp_path: Path) -> FolderScreenshotStore:
    return store_in(tmp_path / "pictures", room)


@pytest.fixture
def picture() -> Picture:
    return encoded(Image.new("RGB", (640, 400), (9, 99, 199)), (), "https://shop.example/")


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


async def test_what_lies_there_is_no_picture_and_opens_as_what_it_is_alone(
    room: Strongroom, store: FolderScreenshotStore, picture: Picture, tmp_path: Path
) -> None:
    tea, coffee = await room.customer("Tea"), await room.customer("Coffee")
    ours, other = await store.save(tea, picture), await store.save(tea, picture)
    assert await store.load(tea, ours.id, "full") == picture.webp
    assert await store.load(tea, ours.id, "thumb") == picture.thumbnail
    assert await store.digests(tea) == {ours.id: ours.sha256, other.id: other.sha256}
    lie = tmp_path / "pictures" / tea.hex
    assert [path for path in files(lie) if picture.webp[:64] in path.read_bytes() or b"WEBP" in path.read_bytes()] == []

    copy(lie / f"{ours.id.hex}.thumb.webp", lie / f"{ours.id.hex}.full.webp")
    with pytest.raises(Altered):
        await store.load(tea, ours.id, "full")
    copy(lie / f"{other.id.hex}.full.webp", lie / f"{ours.id.hex}.full.webp")
    with pytest.raises(Altered):
        await store.load(tea, ours.id, "full")
    assert await store.digests(tea) == {ours.id: "", other.id: other.sha256}
    copytree(lie, tmp_path / "pictures" / coffee.hex)
    with pytest.raises(KeyDestroyed):
        await store.load(coffee, other.id, "full")


async def test_with_the_keys_every_copy_is_gone(
    room: Strongroom, store: FolderScreenshotStore, picture: Picture, tmp_path: Path
) -> None:
    tea = await room.customer()
    kept = await store.save(tea, picture)
    copytree(tmp_path / "pictures", tmp_path / "back-up")
    words = {"at": room.clock.now(), "actor": "user:1", "because": "they asked for it"}
    await room.run(tea, room.customer_keys.destroy, tea, **words)
    for folder in ("pictures", "back-up"):
        with pytest.raises(NotFound):
            await store_in(tmp_path / folder, room).load(tea, kept.id, "full")


async def test_pictures_outlive_a_change_of_the_keys(
    room: Strongroom, store: FolderScreenshotStore, picture: Picture
) -> None:
    tea = await room.customer()
    before = await store.save(tea, picture)
    await room.own.rotate(tea)
    for step in (room.master.begin, room.master.promote, room.master.rewrap, room.master.retire, room.master.destroy):
        await step()
    after = await store.save(tea, picture)
    for one in (before, after):
        assert await store.load(tea, one.id, "full") == picture.webp


async def test_pictures_of_an_earlier_version_are_shown_as_they_are(
    room: Strongroom, store: FolderScreenshotStore, picture: Picture, tmp_path: Path
) -> None:
    tea, old = await room.customer(), UUID(int=17)
    lie = tmp_path / "pictures" / tea.hex
    lie.mkdir(parents=True)
    (lie / f"{old.hex}.full.webp").write_bytes(picture.webp)
    assert await store.load(tea, old, "full") == picture.webp
