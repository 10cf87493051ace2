"""Keeps pictures in a bucket, each customer's below a prefix of its own, so that several machines share them."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from core.browser.object_storage.place import ObjectPlace
from core.browser.page import Picture
from core.browser.screenshots import SIZES, Size, StoredPicture, described, file_name, picture_named

if TYPE_CHECKING:
    from core.browser.object_storage.bucket import Bucket

BUCKET = "core.browser.object_storage.bucket"  # imported late: whoever keeps pictures in a folder need not wait for it


class ObjectScreenshotStore:
    """Pictures in an object store, under the same names as in a folder: one can be copied into the other."""

    def __init__(self, place: ObjectPlace) -> None:
        self._place = place
        self._opening = Lock()
        self._bucket: Bucket | None = None

    async def save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        """Keep a picture and its thumbnail. Raises PicturesUnavailable."""
        stored, bucket = described(picture), await self._opened()
        # The picture comes last: where it is, its thumbnail is too.
        await bucket.write(_name(customer_id, stored.id, "thumb"), picture.thumbnail)
        await bucket.write(_name(customer_id, stored.id, "full"), picture.webp)
        return stored

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        """The WebP file. Raises NotFound, also for another customer's picture, and PicturesUnavailable."""
        return await (await self._opened()).read(_name(customer_id, picture_id, size))

    async def kept_before(self, customer_id: UUID, moment: datetime) -> tuple[UUID, ...]:
        """The pictures that were written before this moment, the oldest first. Raises PicturesUnavailable.

        Full-size or not: a thumbnail without its picture is what a crash has left.
        """
        written: dict[UUID, datetime] = {}
        for name, at in (await (await self._opened()).list(customer_id.hex)).items():
            if found := picture_named(name):
                written[found[0]] = max(written.get(found[0], at), at)
        old = sorted((at, picture_id) for picture_id, at in written.items() if at < moment)
        return tuple(picture_id for _, picture_id in old)

    async def digests(self, customer_id: UUID) -> Mapping[UUID, str]:
        """The SHA-256 of every full-size picture, as it is now: all are read. Raises PicturesUnavailable."""
        bucket = await self._opened()
        named = {name: found for name in await bucket.list(customer_id.hex) if (found := picture_named(name))}
        full = {f"{customer_id.hex}/{name}": one for name, (one, size) in named.items() if size == "full"}
        return {full[name]: digest for name, digest in (await bucket.digests(tuple(full))).items()}

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        """Delete these with their thumbnails; one that is gone already is no error. Raises PicturesUnavailable."""
        bucket = await self._opened()
        await bucket.remove([_name(customer_id, one, size) for one in pictures for size in SIZES])

    async def delete_all(self, customer_id: UUID) -> None:
        """Delete all that is kept for a customer; nothing is no error. Raises PicturesUnavailable."""
        bucket = await self._opened()
        await bucket.remove([f"{customer_id.hex}/{name}" for name in await bucket.list(customer_id.hex)])

    async def keeps_versions(self) -> bool:
        """Whether what is deleted stays there as an older version. Raises PicturesUnavailable, also if we may not know."""
        return await (await self._opened()).keeps_versions()

    async def _opened(self) -> "Bucket":
        if self._bucket is None:
            return await asyncio.to_thread(self._open)
        return self._bucket

    def _open(self) -> "Bucket":
        """Load the libraries and make the client, once; in a thread, for that takes a second."""
        with self._opening:
            bucket: Bucket = self._bucket or import_module(BUCKET).Bucket(self._place)
            self._bucket = bucket
            return bucket


def _name(customer_id: UUID, picture_id: UUID, size: Size) -> str:
    return f"{customer_id.hex}/{file_name(picture_id, size)}"
