"""After a whole setup in a real browser, none of its secrets is anywhere: file, picture, log, answer or export; in no encoding.

That a scan of all that the other tests have left finds nothing either is seen to at the end of each session, in tests/conftest.py.
"""

import logging
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageChops

from app.practice_shop.faults import Fault
from core.browser.pictures import COVER_COLOUR
from core.database.states import OperationStatus
from core.operations.views import OperationView
from tests.app.api.calling import API, Caller, caller
from tests.app.secret_scan import Said, secrets_shown, shop_with
from tests.attacks.matrix import PUBLIC, ROUTES, address
from tests.marked import MARK, Overheard, holding, parts_of, patterns_of, places_below

PLANTED = 'planted8 /w<3&"é'
# What has to be among the places, for the scan to mean something.
LOOKED_INTO = ["autopilot.db", "autopilot.db-wal", ".full.webp", "{pictureId}/{size}", "/audit/export/audit.jsonl"]
LOOKED_INTO += ["export/audit.zip/audit.jsonl", "export/data/customers.jsonl", "/history", "log"]
KEY_AND_CODE = 30_000  # pixels: two fields of 300 by 30, and the QR code
Plant = Callable[[Path, bytes], Iterator[tuple[str, bytes]]]


async def test_a_whole_setup_leaves_no_secret_anywhere_though_the_fields_of_its_key_have_other_names(
    tmp_path: Path, said: Said
) -> None:
    """Nothing but the look of the key tells that it is one, from when it is shown until it is read."""
    async with caller(tmp_path, shop_with(Fault.RENAMED_LABELS)) as call:
        ended = await call.stage.ended(await call.stage.begin())
        assert ended.status is OperationStatus.COMPLETED
        patterns = await secrets_of(call)
        places = [*places_below(tmp_path / "data"), *await answers(call, ended), ("log", said().encode())]
        assert holding(iter(places), patterns) == []
        assert [one for one in LOOKED_INTO if not any(name.endswith(one) for name, _ in places)] == []
        assert secrets_shown(call.stage.shop)
        await no_picture_shows_the_key(call, ended)


async def no_picture_shows_the_key(call: Caller, ended: OperationView) -> None:
    first = next(at for at, step in enumerate(ended.steps) if step.action == "capture") - 1
    shown = [step for step in ended.steps[first:] if step.picture_id]
    assert [step.action for step in shown][:3] == ["click", "capture", "capture"]
    for step in shown[:3]:
        answer = await call.client.get(f"/pictures/{step.picture_id}/full")
        assert covered_pixels(answer.content) > KEY_AND_CODE, step.intent


def covered_pixels(webp: bytes) -> int:
    """How many pixels of a picture have the colour that covers."""
    with Image.open(BytesIO(webp)) as image:
        near = [
            band.point(lambda v, c=c: 255 * (abs(v - c) < 8))
            for band, c in zip(image.convert("RGB").split(), COVER_COLOUR, strict=True)
        ]
    return ImageChops.darker(ImageChops.darker(near[0], near[1]), near[2]).histogram()[255]


async def secrets_of(call: Caller) -> tuple[bytes, ...]:
    """Whatever was made up, typed, shown once or kept as a key in this run; the tests' own passwords by the mark that is in each."""
    services, visitor, key_file = call.stage.services, call.stage.visitor, call.stage.autopilot.settings.key_path
    master = key_file.read_bytes()
    token = call.client.headers["Authorization"].removeprefix("Bearer ").rpartition("_")[0]
    told = [
        MARK,
        *secrets_shown(call.stage.shop),
        master.hex(),
        b64encode(master).decode(),
        token,
        token.rpartition("_")[2],
    ]
    told += [await services.sessions.begin(visitor), (await services.second_factors.begin(visitor)).seed.reveal()]
    assert all(len(one) > 10 for one in told)
    return (master, *(one for text in told for one in patterns_of(text)))


async def answers(call: Caller, ended: OperationView) -> list[tuple[str, bytes]]:
    """What every GET of the API answers, each picture, and both exports, unpacked."""
    consents = await call.stage.services.consents.list(call.stage.visitor)
    ids = {"operationId": [str(ended.id)], "consentId": [str(one.id) for one in consents], "workflowId": ["none"]}
    ids["pictureId"] = [str(step.picture_id) for step in ended.steps if step.picture_id]
    found: list[tuple[str, bytes]] = []
    for method, path in [*ROUTES, *PUBLIC]:
        if method == "GET":
            for one in next((known for name, known in ids.items() if name in path), [""]):
                answer = await call.client.get(address(path, one))
                found += parts_of(path, answer.content)
    export = await call.client.post(f"{API}/privacy/export", json={})
    assert export.status_code == 200
    return [*found, *parts_of("export", export.content)]


def in_a_database(folder: Path, planted: bytes) -> Iterator[tuple[str, bytes]]:
    """Written to its journal alone, since it is still open."""
    with closing(sqlite3.connect(folder / "planted.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE planted (text)")
        with database:
            database.execute("INSERT INTO planted VALUES (?)", (planted,))
        yield from places_below(folder)


def in_a_picture(folder: Path, planted: bytes) -> Iterator[tuple[str, bytes]]:
    """Beside its pixels."""
    Image.new("RGB", (4, 4)).save(folder / "planted.webp", exif=b"Exif\0\0" + planted)
    return places_below(folder)


def in_an_export(folder: Path, planted: bytes) -> Iterator[tuple[str, bytes]]:
    """A zip in a zip, both packed."""
    inner, outer = BytesIO(), BytesIO()
    for file, name, content in ((inner, "audit.jsonl", planted * 3), (outer, "audit.zip", inner)):
        with ZipFile(file, "w", compression=8) as archive:
            archive.writestr(name, content.getvalue() if isinstance(content, BytesIO) else content)
    return parts_of("export", outer.getvalue())


def in_an_answer(folder: Path, planted: bytes) -> Iterator[tuple[str, bytes]]:
    """Among other things."""
    return parts_of("/api", b'{"text": "' + planted + b'"}')


@pytest.mark.parametrize("plant", [in_a_database, in_a_picture, in_an_export, in_an_answer])
def test_a_secret_that_is_there_is_found_in_each_encoding(tmp_path: Path, plant: Plant) -> None:
    patterns = patterns_of(PLANTED)
    assert len(patterns) > 15
    for number, pattern in enumerate(patterns):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert holding(plant(folder, b"before" + pattern + b"after"), patterns), pattern
    (empty := tmp_path / "empty").mkdir()
    assert holding(plant(empty, b"nothing"), patterns) == []


def test_a_secret_that_is_logged_is_overheard() -> None:
    heard = Overheard(patterns_of(PLANTED))
    logger = logging.getLogger("planted")
    logger.addHandler(heard)
    logger.warning("nothing")
    assert heard.names == set()
    logger.warning("the password is %s", PLANTED)
    assert heard.names == {"planted"}
    logger.removeHandler(heard)
