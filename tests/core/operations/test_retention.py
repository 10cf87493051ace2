"""What is past its time is recorded, deleted once, and missed by nobody; what is younger stays."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.agents.task import StepOutcome
from core.browser.screenshots import FolderScreenshotStore
from core.operations.picture_check import PictureFault, check_pictures
from core.operations.retention import DETAILS_KEPT, PICTURES_KEPT, PastRetention, Retention, RetentionFailed
from core.security.audit.audit_log import AuditAction
from tests.core.operations.house import House, house
from tests.core.operations.refusing import audit_refused
from tests.core.operations.test_step_log import MAKE_KEY, PAGE, RECORDED, SIGN_IN, log_of, recording
from tests.fakes.page import FakePicture


class Dying(FolderScreenshotStore):
    """Dies before it deletes anything."""

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        raise OSError("killed")


class DyingOnce(FolderScreenshotStore):
    """Dies before it deletes anything of whoever comes first."""

    died_for: UUID | None = None

    async def delete(self, customer_id: UUID, pictures: Iterable[UUID]) -> None:
        if self.died_for is None:
            self.died_for = customer_id
            raise OSError("killed")
        await super().delete(customer_id, pictures)


@dataclass
class Kept:
    """A house with a run of two steps, each with a picture of its own."""

    house: House
    folder: Path
    store: FolderScreenshotStore

    @property
    def customer_id(self) -> UUID:
        return self.house.visitor.customer_id

    @property
    def retention(self) -> Retention:
        return Retention(self.house.database, self.store, self.house.clock)

    def files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.webp"))

    def age(self, picture_id: UUID | None, moment: datetime) -> None:
        """Have a picture been kept at this moment."""
        assert picture_id is not None
        for file in self.folder.rglob(f"{picture_id.hex}.*"):
            os.utime(file, (moment.timestamp(), moment.timestamp()))

    async def pictures(self) -> list[UUID | None]:
        return [row.picture_id for row in await self.house.steps()]

    async def check(self) -> PictureFault | None:
        return await check_pictures(self.house.database, self.store, self.customer_id)

    async def is_whole(self) -> bool:
        return (await self.house.trail.verify(self.house.visitor)).intact and await self.check() is None


async def kept(home: House, folder: Path) -> Kept:
    place = Kept(home, folder, FolderScreenshotStore(folder))
    async with recording(await log_of(home, await home.claimed(), place.store)) as log:
        await log.plan([SIGN_IN, MAKE_KEY])
        for position, step in enumerate((SIGN_IN, MAKE_KEY), start=1):
            await log.intend(position, step, RECORDED, PAGE)
            log.conclude(position, replace(StepOutcome(True), page_url=PAGE, picture=FakePicture(PAGE + str(position))))
        await log.settled()
    for picture_id in await place.pictures():
        place.age(picture_id, home.clock.now())
    return place


@pytest.fixture
async def place(home: House, tmp_path: Path) -> Kept:
    return await kept(home, tmp_path / "pictures")


async def test_what_is_within_its_time_stays(place: Kept) -> None:
    entries = len(await place.house.entries())
    place.house.clock.move(PICTURES_KEPT)
    assert (await place.retention.due(), await place.retention.purge()) == ((), ())
    assert (len(place.files()), len(await place.house.entries())) == (4, entries)
    assert await place.is_whole()


async def test_a_picture_past_its_time_is_deleted_and_named_in_the_chain(place: Kept) -> None:
    first, second = await place.pictures()
    assert first
    assert second
    place.house.clock.move(PICTURES_KEPT)
    place.age(first, place.house.clock.now() - PICTURES_KEPT - timedelta(seconds=1))
    assert await place.retention.due() == (PastRetention(place.customer_id, pictures=1, details=0),)
    assert len(place.files()) == 4
    assert await place.retention.purge() == (PastRetention(place.customer_id, pictures=1, details=0),)
    assert {file.name.partition(".")[0] for file in place.files()} == {second.hex}
    assert await place.pictures() == [None, second]
    newest = (await place.house.entries())[-1]
    assert newest.action == AuditAction.PICTURES_DELETED
    assert newest.detail == {
        "pictures": 1,
        "ids": first.hex,
        "ground": "retention: pictures are kept for 30 days",
        "requester": "system",
    }
    assert await place.is_whole()


async def test_a_second_round_changes_nothing(place: Kept) -> None:
    place.house.clock.move(DETAILS_KEPT + timedelta(seconds=1))
    assert [(one.pictures, one.details > 0) for one in await place.retention.purge()] == [(2, True)]
    entries = await place.house.entries()
    assert await place.retention.purge() == ()
    assert await place.retention.due() == ()
    assert await place.house.entries() == entries


async def test_killed_after_it_was_recorded_the_next_round_goes_on(place: Kept) -> None:
    place.house.clock.move(PICTURES_KEPT + timedelta(seconds=1))
    dying = Retention(place.house.database, Dying(place.folder), place.house.clock)
    with pytest.raises(RetentionFailed):
        await dying.purge()
    assert (len(place.files()), await place.is_whole()) == (4, True)
    await place.retention.purge()
    assert (place.files(), await place.is_whole()) == ([], True)
    assert await place.retention.purge() == ()


async def test_nothing_is_deleted_that_can_not_be_recorded(place: Kept) -> None:
    place.house.clock.move(DETAILS_KEPT + timedelta(seconds=1))
    with audit_refused(place.house.database), pytest.raises(RetentionFailed):
        await place.retention.purge()
    assert len(place.files()) == 4
    assert all(entry.detail is not None for entry in await place.house.entries())
    assert None not in await place.pictures()


async def test_details_past_their_time_are_erased_and_the_chain_still_verifies(place: Kept) -> None:
    before = len(await place.house.entries())
    place.house.clock.move(DETAILS_KEPT + timedelta(seconds=1))
    await place.house.sign_in()  # something new
    (done,) = await place.retention.purge()
    assert done.details == before
    entries = await place.house.entries()
    assert [entry.detail for entry in entries[:before]] == [None] * before
    assert None not in [entry.detail for entry in entries[before:]]
    erasure = entries[-1]
    assert erasure.detail is not None
    assert (erasure.action, erasure.detail["first"], erasure.detail["last"], erasure.detail["ground"]) == (
        AuditAction.DETAILS_ERASED,
        1,
        before,
        "retention: details are kept for 365 days",
    )
    assert await place.is_whole()


async def test_a_neighbours_pictures_stay(place: Kept) -> None:
    neighbour = await kept(await house(place.house.database, place.house.clock), place.folder)
    place.house.clock.move(PICTURES_KEPT + timedelta(seconds=1))
    for picture_id in await neighbour.pictures():
        neighbour.age(picture_id, place.house.clock.now())
    assert [one.customer_id for one in await place.retention.purge()] == [place.customer_id]
    assert (len(place.files()), await neighbour.is_whole()) == (4, True)


async def test_what_fails_for_one_customer_keeps_nobody_elses_from_being_deleted(
    place: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    await kept(await house(place.house.database, place.house.clock), place.folder)
    place.house.clock.move(PICTURES_KEPT + timedelta(seconds=1))
    dying = DyingOnce(place.folder)
    with pytest.raises(RetentionFailed) as failed:
        await Retention(place.house.database, dying, place.house.clock).purge()
    assert failed.value.because == f"Customer {dying.died_for}."
    assert len(place.files()) == 4
    (alert,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert alert.getMessage() == (
        f"ALERT: customer {dying.died_for}: retention failed, what is past its time stays: OSError"
    )


async def test_a_picture_that_was_changed_or_is_missing_is_found(place: Kept) -> None:
    first, second = await place.pictures()
    assert first
    assert second
    concluded = [entry.seq for entry in await place.house.entries() if entry.action == AuditAction.STEP_CONCLUDED]
    (changed,) = place.folder.rglob(f"{second.hex}.full.webp")
    changed.write_bytes(b"another picture")
    assert await place.check() == PictureFault(concluded[1], "its picture was changed")
    (missing,) = place.folder.rglob(f"{first.hex}.full.webp")
    missing.unlink()
    assert await place.check() == PictureFault(
        concluded[0], "its picture is missing, and no entry says that it was deleted"
    )
