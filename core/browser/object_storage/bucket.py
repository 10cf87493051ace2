"""The one door to the libraries of object storage: objects of a bucket by name, every trouble in our own words.

Whoever keeps pictures in a folder never imports this: the libraries take most of a second, and are loaded when first used.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from s3fs import S3FileSystem
from s3fs.core import S3_RETRYABLE_ERRORS

from core.browser.object_storage.place import AccessKeys, ObjectPlace
from core.browser.screenshots import PicturesOutOfReach, PicturesUnavailable
from core.errors import NotFound

T = TypeVar("T")

log = logging.getLogger(__name__)

CONNECTED_WITHIN = 4  # seconds
ANSWERED_WITHIN = 10  # seconds without a byte; a picture has 200 kB at most
TRIES = 2  # one lost connection is no outage; a run waits for no more
# Seconds for whatever is asked, tries and the look for keys included. A write needs it: before it sends anything it waits
# for the store to say “go on”, and of that wait the client's own limits know nothing.
LONGEST_REQUEST = 25.0
LONGEST_LISTING = 120.0  # seconds for all pages; each has a thousand names
AT_ONCE = 8  # requests; the client's own pool has ten connections

FAILURES = (OSError, BotoCoreError, ClientError, *S3_RETRYABLE_ERRORS)
SILENCE = (TimeoutError, exceptions.ConnectionError, *S3_RETRYABLE_ERRORS)  # nobody answered, or not to the end
NOT_THERE = "NoSuchKey"  # a bucket that is not there, and any other 404, is a trouble of the store


class Bucket:
    """The objects below one prefix of one bucket; `name` is what comes after it.

    All that waits for the store is done in the loop of fsspec's own thread, by its coroutines, and awaited here. A thread
    for each request would be one of those that the database needs too, of which there are few, and each would be held for
    as long as a silent store takes; and our own loop must not stop while the client is made, or an answer is read. That
    loop outlives ours, so one client serves whichever loop asks.

    Raises PicturesUnavailable, never an error of the libraries: their words may hold addresses and names of keys.
    """

    def __init__(self, place: ObjectPlace) -> None:
        self._place = place
        self._files = S3FileSystem(
            **_keys(place.access.keys),
            endpoint_url=place.access.endpoint,
            use_listings_cache=False,  # another machine writes there, too
            skip_instance_cache=True,  # it would hold our keys for as long as the process lives
            max_concurrency=1,  # else each picture is asked for its size first
            config_kwargs={
                "connect_timeout": CONNECTED_WITHIN,
                "read_timeout": ANSWERED_WITHIN,
                "retries": {"mode": "standard", "total_max_attempts": TRIES},
                # Stores of other makers do not know the newer checksums; TLS and the chain's SHA-256 hold the content.
                "request_checksum_calculation": "when_required",
                "response_checksum_validation": "when_required",
            },
        )
        self._files.retries = 1  # the client's own tries are enough: these would multiply them

    async def write(self, name: str, content: bytes) -> None:
        """Keep an object, whole or not at all."""
        await self._there(_limited(self._files._pipe_file(self._path(name), content)))

    async def read(self, name: str) -> bytes:
        """An object's content. Raises NotFound."""
        return await self._there(self._read(name))

    async def list(self, folder: str) -> Mapping[str, datetime]:
        """The names of all objects in a folder, after its own, and when each was written, by the store's clock."""
        return await self._there(self._list(folder))

    async def digests(self, names: Sequence[str]) -> Mapping[str, str]:
        """The SHA-256 of these; one that is gone has none. Each is read: what the store says of it proves nothing."""
        return await self._there(self._digests(names))

    async def remove(self, names: Sequence[str]) -> None:
        """Remove these; one that is gone already is no error."""
        await self._there(self._remove(names))

    async def keeps_versions(self) -> bool:
        """Whether what is removed stays there as an older version. Raises PicturesUnavailable, also if we may not know."""
        kept: bool = await self._there(_limited(self._files._is_bucket_versioned(self._place.bucket)))
        return kept

    def _path(self, name: str) -> str:
        return f"{self._place.root}/{name}"

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this in fsspec's loop. Who is cancelled meanwhile cancels it."""
        with self._told():
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._files.loop))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            code = _code(error)
            log.warning("the store of the pictures, %s: %s", self._place, code)
            raise _trouble(error, code) from None

    # What follows runs in fsspec's loop.

    async def _list(self, folder: str) -> Mapping[str, datetime]:
        # With a prefix of its own an empty folder is an empty answer, and is not looked for in two more ways.
        looking = self._files._find(self._place.root, prefix=f"{folder}/", detail=True)
        found = await _limited(looking, LONGEST_LISTING)
        begins = self._path(f"{folder}/")
        return {path.removeprefix(begins): one["LastModified"] for path, one in found.items()}

    async def _read(self, name: str) -> bytes:
        try:
            content: bytes = await _limited(self._files._cat_file(self._path(name)))
        except FileNotFoundError as error:
            if _code(error) != NOT_THERE:
                raise
            raise NotFound(because="The picture was deleted, or never was.") from None
        return content

    async def _digests(self, names: Sequence[str]) -> Mapping[str, str]:
        digests: dict[str, str] = {}
        for some in _in_groups(names):
            hashed = await asyncio.gather(*(self._digest(one) for one in some))
            digests |= {name: digest for name, digest in zip(some, hashed, strict=True) if digest}
        return digests

    async def _digest(self, name: str) -> str | None:
        try:
            return sha256(await self._read(name)).hexdigest()
        except NotFound:  # its time ran out meanwhile
            return None

    async def _remove(self, names: Sequence[str]) -> None:
        """One request each: what one request for many could not delete, s3fs leaves unsaid, and some stores know none."""
        for some in _in_groups(names):
            await asyncio.gather(*(self._remove_one(one) for one in some))

    async def _remove_one(self, name: str) -> None:
        try:
            await _limited(self._files._rm_file(self._path(name)))
        except FileNotFoundError as error:  # few stores say so
            if _code(error) != NOT_THERE:
                raise


def _in_groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE))


async def _limited(work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
    async with asyncio.timeout(seconds or LONGEST_REQUEST):
        return await work


def _keys(keys: AccessKeys | None) -> dict[str, str | None]:
    if keys is None:
        return {}
    token = keys.token.reveal() if keys.token else None
    return {"key": keys.id.reveal(), "secret": keys.secret.reveal(), "token": token}


def _code(error: BaseException) -> str:
    """What the store calls it, or of which kind it is; never its words."""
    response = getattr(error.__cause__ or error, "response", None)
    return str(response["Error"].get("Code")) if response else type(error).__name__


def _trouble(error: Exception, code: str) -> PicturesUnavailable:
    """What people are told: nothing of where the store is, or as whom it knows us."""
    if isinstance(error, SILENCE):
        return PicturesOutOfReach(because=f"The object store does not answer ({code}).")
    if code == "NoSuchBucket":
        return PicturesUnavailable(because="The object store has no such bucket.")
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return PicturesUnavailable(because="There are no keys for the object store.")
    if isinstance(error, PermissionError):
        return PicturesUnavailable(because=f"The object store refuses our keys, or what is asked with them ({code}).")
    return PicturesUnavailable(because=f"The object store could not do what was asked ({code}).")
