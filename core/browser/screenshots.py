"""Keeps pictures, each with its thumbnail, in a customer's own folder, under names nobody can guess."""

import asyncio
import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, ParamSpec, Protocol, TypeVar
from uuid import UUID, uuid4

from core.browser.page import Picture
from core.errors import NotFound, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

OWNER_ONLY, ONLY_OWNER_READS = 0o700, 0o600
DELETE_TRIES = 10  # times in a row; a run that ends writes one picture more, which is two files
PART = ".part"  # how the name of a file ends that is not whole yet

Size = Literal["full", "thumb"]
SIZES: tuple[Size, ...] = ("full", "thumb")


class PicturesUnavailable(Unavailable):
    """The place where pictures are kept can't be used."""

    code: ClassVar[str] = "pictures_unavailable"


class PicturesOutOfReach(PicturesUnavailable):
    """The place where pictures are kept can't be reached."""


@dataclass(frozen=True)
class StoredPicture:
    """A picture that is kept: its random id, and the SHA-256 of the full-size file."""

    id: UUID
    sha256: str
    width: int
    height: int


class ScreenshotStore(Protocol):
    """Where pictures are kept. What can't be done there raises PicturesUnavailable."""

    async def save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        """Keep a picture and its thumbnail."""
        ...

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        """The WebP file. Raises NotFound, also for another customer's picture."""
        ...

    async def kept_before(self, customer_id: UUID, moment: datetime) -> tuple[UUID, ...]:
        """The pictures of a customer that were kept before this moment, the oldest first."""
        ...

    async def digests(self, customer_id: UUID) -> Mapping[UUID, str]:
        """The SHA-256 of every full-size picture of a customer, as it is now."""
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
        """Keep a picture and its thumbnail. Nobody can cancel a thread: whoever is cancelled meanwhile leaves no file behind."""
        saving = asyncio.ensure_future(_in_thread(self._save, customer_id, picture))
        try:
            return await asyncio.shield(saving)
        except asyncio.CancelledError:
            with suppress(PicturesUnavailable):
                await self.delete(customer_id, [(await saving).id])
            raise

    async def load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        """The WebP file. Raises NotFound, also for another customer's picture."""
        return await _in_thread(self._load, customer_id, picture_id, size)

    async def kept_before(self, customer_id: UUID, moment: datetime) -> tuple[UUID, ...]:
        """The pictures whose file was written before this moment, the oldest first."""
        return await _in_thread(self._kept_before, customer_id, moment.timestamp())

    async def digests(self, customer_id: UUID) -> Mapping[UUID, str]:
        """The SHA-256 of every full-size file, as it is now."""
        return await _in_thread(self._digests, customer_id)

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        """Delete these with their thumbnails; one that is gone already is no error."""
        await _in_thread(self._delete, customer_id, tuple(pictures))

    async def delete_all(self, customer_id: UUID) -> None:
        """Delete every picture of a customer; none is no error. Raises PicturesUnavailable for one that can't be deleted."""
        await _in_thread(self._delete_all, customer_id)

    def _save(self, customer_id: UUID, picture: Picture) -> StoredPicture:
        stored = described(picture)
        folder = self._folder / customer_id.hex
        self._folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        files = {_file(folder, stored.id, "thumb"): picture.thumbnail, _file(folder, stored.id, "full"): picture.webp}
        for file, content in files.items():
            try:
                _put(file, content)
            except FileNotFoundError:  # the folder went with its last picture in between
                _put(file, content)
        return stored

    def _load(self, customer_id: UUID, picture_id: UUID, size: Size) -> bytes:
        try:
            return _file(self._folder / customer_id.hex, picture_id, size).read_bytes()
        except FileNotFoundError:
            raise NotFound(because="The picture was deleted, or never was.") from None

    def _kept_before(self, customer_id: UUID, timestamp: float) -> tuple[UUID, ...]:
        """Full-size or not, whole or not: a thumbnail without its picture, and a part of a file, are what a crash has left."""
        written: dict[UUID, float] = {}
        for picture_id, file in self._files(customer_id):
            with suppress(FileNotFoundError):  # a part that is whole by now has another name
                written[picture_id] = max(written.get(picture_id, 0), file.stat().st_mtime)
        old = sorted((at, picture_id) for picture_id, at in written.items() if at < timestamp)
        return tuple(picture_id for _, picture_id in old)

    def _digests(self, customer_id: UUID) -> dict[UUID, str]:
        full = ((picture_id, file) for picture_id, file in self._files(customer_id) if file.name.endswith(".full.webp"))
        return {picture_id: hashlib.sha256(file.read_bytes()).hexdigest() for picture_id, file in full}

    def _delete(self, customer_id: UUID, pictures: tuple[UUID, ...]) -> None:
        for picture_id in pictures:
            for size in SIZES:
                file = _file(self._folder / customer_id.hex, picture_id, size)
                file.unlink(missing_ok=True)
                _part_of(file).unlink(missing_ok=True)
        with suppress(OSError):  # of a customer who has none left no folder stays either; one that is not empty does
            (self._folder / customer_id.hex).rmdir()

    def _delete_all(self, customer_id: UUID) -> None:
        """The whole folder, though a run that is being stopped may still write a picture there, and take it away itself."""
        folder, tries_left = self._folder / customer_id.hex, DELETE_TRIES
        while folder.exists():
            tries_left -= 1
            try:
                shutil.rmtree(folder)
            except OSError as error:
                if error.errno not in {errno.ENOENT, errno.ENOTEMPTY} or tries_left <= 0:
                    raise

    def _files(self, customer_id: UUID) -> Iterator[tuple[UUID, Path]]:
        for file in sorted((self._folder / customer_id.hex).glob("*.*.webp*")):
            if found := picture_named(file.name.removesuffix(PART)):
                yield found[0], file


def described(picture: Picture) -> StoredPicture:
    """What a store says about a picture it is about to keep."""
    return StoredPicture(uuid4(), hashlib.sha256(picture.webp).hexdigest(), picture.width, picture.height)


def file_name(picture_id: UUID, size: Size) -> str:
    """What a file of a picture is called."""
    return f"{picture_id.hex}.{size}.webp"


def picture_named(name: str) -> tuple[UUID, Size] | None:
    """The picture that is called so, and its size; None for what is somebody else's."""
    one, _, rest = name.partition(".")
    size = next((size for size in SIZES if rest == f"{size}.webp"), None)
    try:
        return (UUID(one), size) if size else None
    except ValueError:
        return None


async def _in_thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Do this in a thread. What the machine says against it is logged; people are told the reason, and not where."""
    try:
        return await asyncio.to_thread(work, *given, **named)
    except OSError as error:
        log.warning("the folder of the pictures: %s", error)
        raise PicturesUnavailable(because=f"{error.strerror or type(error).__name__}.") from error


def _file(folder: Path, picture_id: UUID, size: Size) -> Path:
    return folder / file_name(picture_id, size)


def _part_of(file: Path) -> Path:
    """What a file is called until it is whole: by its picture, so that whoever looks for pictures finds it, too."""
    return file.with_name(file.name + PART)


def _put(file: Path, content: bytes) -> None:
    """Write a picture into the folder of its customer."""
    file.parent.mkdir(mode=OWNER_ONLY, exist_ok=True)
    _write(file, content)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, readable by its owner alone."""
    temporary = _part_of(path)
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, ONLY_OWNER_READS), "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
