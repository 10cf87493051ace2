"""A whole setup that somebody watches live: none of the frames that left shows the page on which its key stands, or a typed password.

The secrets of each page that has some are drawn in a colour of their own; every frame is looked at for that.
"""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from core.browser import live
from core.browser.covering import Covering, Glance
from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations.live_pictures import InProcessLivePictures, LiveState
from core.services import Services
from tests.app.api.calling import caller
from tests.app.running import Stage, stage
from tests.app.secret_scan import shop_with
from tests.attacks.painted import CANARY, paint_often, see_nothing, shows_canary

LATENCY = 0.3  # seconds of each answer: time for frames


@dataclass
class Viewer:
    """Somebody who asks for every frame of a run that there is."""

    pictures: InProcessLivePictures
    customer_id: UUID
    operation_id: UUID
    frames: list[bytes] = field(default_factory=list)
    pauses: int = 0

    def told(self, state: LiveState) -> None:
        self.pauses += state.is_paused
        if state.number and not state.is_paused:
            self.frames.append(self.pictures.newest(self.customer_id, self.operation_id))

    @property
    def leaked(self) -> int:
        return sum(map(shows_canary, self.frames))


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    paint_often(monkeypatch)


async def watched_setup(play: Stage) -> Viewer:
    """Set the shop up while somebody watches; what they saw."""
    services: Services = play.services
    asked = await play.begin()
    assert isinstance(services.live, InProcessLivePictures)  # which has each frame at hand as it is told of
    viewer = Viewer(services.live, play.visitor.customer_id, asked.id)
    stop = services.live.watch(play.visitor.customer_id, asked.id, viewer.told)
    ended = await play.ended(asked)
    stop()
    assert ended.status is OperationStatus.COMPLETED
    return viewer


async def test_no_frame_of_a_whole_setup_shows_a_secret_though_the_shop_calls_everything_differently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on the page then tells that a key is one; that the run makes it is enough."""
    look = Covering.glance

    async def knows_no_places(covering: Covering) -> Glance:
        monkeypatch.setattr(covering, "_selectors", [])
        return await look(covering)

    monkeypatch.setattr(Covering, "glance", knows_no_places)
    async with stage(tmp_path, shop_with(latency=LATENCY)) as play:
        viewer = await watched_setup(play)
        assert viewer.frames
        assert viewer.pauses >= 2  # at the password, and from the key on
        assert viewer.leaked == 0


async def test_without_its_safeguards_it_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the key would be seen, if the run did not hide from when it makes it, and nothing were looked for."""
    see_nothing(monkeypatch)
    async with stage(tmp_path, shop_with(latency=LATENCY)) as play:
        assert (await watched_setup(play)).leaked > 0


async def test_a_frame_is_fetched_by_who_may_see_the_operation_alone_and_kept_nowhere(tmp_path: Path) -> None:
    async with caller(tmp_path) as call:
        ours, operation_id = call.stage.visitor.customer_id, UUID(await call.initiate())
        path = f"/pictures/live/{operation_id}"
        pictures = call.stage.services.live
        assert (await call.client.get(path)).status_code == 404
        sink = pictures.sink(ours, operation_id)
        stop = pictures.watch(ours, operation_id, lambda state: None)
        await sink.watched()
        sink.show(b"frame")
        answer = await call.client.get(path)
        assert (answer.content, answer.headers["content-type"]) == (b"frame", "image/webp")
        assert answer.headers["cache-control"] == "no-store"
        assert (await call.anonymous.get(path)).status_code == 401
        theirs = await call.cookie(await call.somebody("other@b.example", company="Other"))
        assert (await call.anonymous.get(path, headers=theirs)).status_code == 404
        stop()
        assert (await call.client.get(path)).status_code == 404
        with pytest.raises(NotFound):
            await pictures.fetch(ours, operation_id)


def test_the_colour_is_found_on_a_frame_and_not_where_it_is_not() -> None:
    """The control of the look itself."""
    for colour, found in ((CANARY, True), ((59, 63, 70), False)):
        with Image.new("RGB", live.SIZE, (240, 240, 240)) as image:
            image.paste(colour, (100, 100, 200, 120))
            file = BytesIO()
            image.save(file, "PNG")
        assert shows_canary(file.getvalue()) is found
