"""Keeps pictures, each with its thumbnail, in a customer's own folder, under names nobody can guess."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID, uuid4

from core.browser.page import Picture
from core.errors import NotFound

OWNER_ONLY = 0o700

Size = Literal["full", "thumb"]
SIZES: tuple[Size, ...] = ("full", "thumb")


@dataclass(frozen=True)
class StoredPicture:
    """A picture that is kept: its random id, and the SHA-256 of the full-size file."""

    id: UUID
    sha256: str
    width: int
    height: int


class ScreenshotStore(Protocol):
    """Where pictures are kept."""

    async def save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        """Keep a picture and its thumbnail."""
        ...

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        """The WebP file. Raises NotFound, also for another customer's picture."""
        ...

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        """Delete these with their thumbnails; one that is gone already is no error."""
        ...

    async def delete_all(self, customer_id: UUID) -> None:
        """Delete every picture of a customer."""
        ...


class FolderScreenshotStore:
    """Pictures in a folder of this machine; only its owner can read them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        """Keep a picture and its thumbnail."""
        return await asyncio.to_thread(self._save, customer_id, picture)

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        """The WebP file. Raises NotFound, also for another customer's picture."""
        return await asyncio.to_thread(self._load, customer_id, picture_id, size)

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        """Delete these with their thumbnails; one that is gone already is no error."""
        await asyncio.to_thread(self._delete, customer_id, tuple(pictures))

    async def delete_all(self, customer_id: UUID) -> None:
        """Delete every picture of a customer."""
        await asyncio.to_thread(shutil.rmtree, self._folder / customer_id.hex, ignore_errors=True)

    def _save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        stored = described(picture)
        folder = self._folder / customer_id.hex
        self._folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        folder.mkdir(mode=OWNER_ONLY, exist_ok=True)
        _write(_file(folder, stored.id, "thumb"), picture.thumbnail)
        _write(_file(folder, stored.id, "full"), picture.webp)
        return stored

    def _load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        try:
            return _file(self._folder / customer_id.hex, picture_id, size).read_bytes()
        except FileNotFoundError:
            raise NotFound(because="The picture was deleted, or never was.") from None

    def _delete(self, customer_id: UUID, pictures: tuple[UUID, ...]) -> None:
        for picture_id in pictures:
            for size in SIZES:
                _file(self._folder / customer_id.hex, picture_id, size).unlink(missing_ok=True)


def described(picture: Picture) -> StoredPicture:
    """What a store says about a picture it is about to keep."""
    return StoredPicture(uuid4(), hashlib.sha256(picture.webp).hexdigest(), picture.width, picture.height)


def _file(folder: Path, picture_id: UUID, size: Size) -> Path:
    return folder / f"{picture_id.hex}.{size}.webp"


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, readable by its owner alone (as mkstemp makes it)."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
