"""With pictures in an object store everything is as with a folder; and without the store nothing more is done at the shop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest

from app.bootstrap import build
from app.practice_shop.faults import Fault
from core.browser.object_storage.place import ObjectPlace, StoreAccess
from core.database.states import OperationStatus, StepState
from core.operations.picture_check import check_pictures
from core.operations.step_log import NOT_KEPT
from core.security.audit.audit_log import AuditAction
from tests.app.running import Stage, free_port, kept_in, settings, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.object_store import ObjectServer

KEPT_THERE = "The place where pictures are kept can't be"


@asynccontextmanager
async def stage_with(folder: Path, place: ObjectPlace, *faults: Fault) -> AsyncIterator[Stage]:
    async with stage(folder, shop_with(*faults), pictures=place) as play:
        yield play


async def test_a_whole_setup_leaves_its_pictures_there_and_nowhere_else(
    tmp_path: Path, objects: ObjectServer, said: Said
) -> None:
    place = objects.place("of-us")
    async with stage_with(tmp_path, place) as play:
        ended = await play.ended(await play.begin())
        assert ended.status is OperationStatus.COMPLETED
        shown = {step.picture_id for step in ended.steps if step.picture_id}
        assert shown
        customer_id, pictures = play.visitor.customer_id, play.services.pictures
        for one in shown:
            assert (await pictures.load(customer_id, one, "full"))[8:12] == b"WEBP"
        names = objects.names(place)
        assert {f"of-us/{customer_id.hex}/{one.hex}.{size}.webp" for one in shown for size in ("full", "thumb")} <= {
            *names
        }
        assert await asyncio.to_thread(lambda: list(tmp_path.rglob("*.webp"))) == []
        assert await check_pictures(play.services.database, pictures, customer_id) is None

        objects.put(place, next(name for name in names if name.endswith(".full.webp")), b"another picture")
        fault = await check_pictures(play.services.database, pictures, customer_id)
        assert fault is not None
        assert fault.because == "its picture was changed"
        await nothing_secret_is_anywhere(play, said)
        await another_machine_has(play, place, next(iter(shown)))

        taken_away = BytesIO()
        await play.autopilot.exports.write(customer_id, "system", taken_away)
        members = ZipFile(taken_away).namelist()
        assert {f"pictures/{one}.webp" for one in shown} <= {*members}
        objects.put(place, "of-us/somebody-else.txt", b"not ours")
        await play.autopilot.deletions.delete(customer_id, "system")
        assert objects.names(place) == ["of-us/somebody-else.txt"]


async def another_machine_has(play: Stage, place: ObjectPlace, one: UUID) -> None:
    other = build(settings(play.folder / "other", free_port()).model_copy(update=kept_in(place)))
    seen = await other.services.pictures.load(play.visitor.customer_id, one, "thumb")
    assert seen == await play.services.pictures.load(play.visitor.customer_id, one, "thumb")
    other.services.database.close()


def out_of_reach(place: ObjectPlace) -> ObjectPlace:
    return replace(place, access=StoreAccess(f"http://127.0.0.1:{free_port()}", place.access.keys))


@pytest.mark.parametrize("why", ["silent", "no bucket", "a full folder"])
async def test_a_run_whose_pictures_can_not_be_kept_stops_with_the_reason_and_leaves_no_key(
    tmp_path: Path, objects: ObjectServer, said: Said, why: str
) -> None:
    place = objects.place()
    if why == "no bucket":
        objects.remove(place)
    elsewhere = {"silent": out_of_reach(place), "no bucket": place}.get(why)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pictures").write_text("where a folder should be")
    async with stage(tmp_path, shop_with(), pictures=elsewhere) as play:
        ended = await play.ended(await play.begin())
        assert ended.status is OperationStatus.FAILED
        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.left_behind) == ("pictures_unavailable", "")
        assert ended.failure.sentence.startswith(KEPT_THERE)
        assert "127.0.0.1" not in ended.failure.sentence
        assert play.shop.keys == ()
        first = ended.steps[0]
        assert (first.state, first.picture_id, first.note) == (StepState.DONE, None, NOT_KEPT)
        told = [one.action for one in await play.services.trail.read(play.visitor, limit=500)]
        assert AuditAction.OPERATION_FAILED in told
        assert (await play.services.trail.verify(play.visitor)).intact
        assert "met a bug" not in said()
