"""Holds the pictures that are kept against the SHA-256 that the audit chain has of each."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple
from uuid import UUID

from core.browser.screenshots import ScreenshotStore
from core.database.session import CustomerSession, Database
from core.security.audit.stored import PICTURES, links


class RecordedPicture(NamedTuple):
    """A picture that an entry tells of."""

    seq: int
    id: UUID
    sha256: str


class PictureFault(NamedTuple):
    """The first entry whose picture is not there any more, or is another one."""

    seq: int
    because: str


async def check_pictures(database: Database, store: ScreenshotStore, customer_id: UUID) -> PictureFault | None:
    """What is wrong with a customer's pictures; None if each is as it was recorded, or recorded as deleted since."""
    recorded, deleted = await database.read(customer_id, partial(_recorded, customer_id=customer_id))
    kept = await store.digests(customer_id)
    return next(_faults(recorded, deleted, kept), None)


def recorded_as_deleted(session: CustomerSession, customer_id: UUID) -> frozenset[UUID]:
    """The pictures that an entry says were deleted."""
    return frozenset(_recorded(session, customer_id)[1])


def _recorded(session: CustomerSession, customer_id: UUID) -> tuple[list[RecordedPicture], dict[UUID, int]]:
    """The pictures that entries tell of, and by which entry which were deleted."""
    recorded: list[RecordedPicture] = []
    deleted: dict[UUID, int] = {}
    for link in links(session, customer_id):
        if link.detail is None or '"picture' not in link.detail:
            continue
        told = link.told()
        if link.action == PICTURES:
            deleted |= {one: link.seq for one in _ids(str(told.get("ids")))}
        else:
            sha256 = str(told.get("pictureSha256"))
            recorded += [RecordedPicture(link.seq, one, sha256) for one in _ids(str(told.get("picture")))]
    return recorded, deleted


def _faults(
    recorded: list[RecordedPicture], deleted: Mapping[UUID, int], kept: Mapping[UUID, str]
) -> Iterator[PictureFault]:
    for one in recorded:
        if deleted.get(one.id, 0) > one.seq or kept.get(one.id) == one.sha256:
            continue
        because = "was changed" if one.id in kept else "is missing, and no entry says that it was deleted"
        yield PictureFault(one.seq, f"its picture {because}")


def _ids(text: str) -> Iterator[UUID]:
    for one in text.split(","):
        try:
            yield UUID(one)
        except ValueError:
            continue
