"""Where this installation's pictures are kept, by its settings."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from app.settings import Settings
from core.browser.object_storage.store import ObjectScreenshotStore
from core.browser.page import Picture
from core.browser.screenshots import FolderScreenshotStore, PicturesUnavailable, ScreenshotStore

VERSIONS = "; the bucket keeps older versions, so what is deleted there is not gone until they are"
TRIED_WITH = Picture(b"a picture", b"its thumbnail", width=1, height=1, covered=(), address="")


def picture_store(settings: Settings) -> ScreenshotStore:
    """The folder, or the object store. Nothing is opened yet. Raises BadSetting."""
    place = settings.pictures
    return FolderScreenshotStore(place) if isinstance(place, Path) else ObjectScreenshotStore(place)


async def try_out(store: ScreenshotStore) -> str:
    """Do everything once that is ever done there, for a customer that is nobody; what is to be known of it, or nothing.

    Raises PicturesUnavailable.
    """
    nobody = uuid4()
    kept = await store.save(nobody, TRIED_WITH)
    try:
        read = await store.load(nobody, kept.id, "full")
        listed = await store.digests(nobody)
    finally:
        await store.delete_all(nobody)
    if read != TRIED_WITH.webp or listed != {kept.id: kept.sha256}:
        raise PicturesUnavailable(because="What was written there is not what is read there.")
    with suppress(PicturesUnavailable):  # nothing else needs the right to ask this, and some stores know no versions
        if isinstance(store, ObjectScreenshotStore) and await store.keeps_versions():
            return VERSIONS
    return ""
