"""A run that is watched from another process: no frame that is written for that shows a secret, and none is had by others.

That frames of the same camera would show one without its safeguards is shown by test_live_picture.py.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from core.database.states import OperationStatus
from core.errors import NotFound
from core.operations.live_frames import LiveFrames, Look
from core.operations.live_news import Whose
from core.operations.live_pictures import LiveState
from tests.app.api.calling import served
from tests.app.running import Stage, stage
from tests.app.secret_scan import shop_with
from tests.attacks.painted import paint_often, shows_canary
from tests.core.operations.live_processes import process, until
from tests.postgres import PostgresServer, as_product

LATENCY = 0.3  # seconds of each answer: time for frames


@pytest.fixture
async def url(postgres: PostgresServer, postgres_template: str) -> AsyncIterator[str]:
    with postgres.database(like=postgres_template) as made:
        yield as_product(made)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    """Whatever is written of how a run looks, by whom it may be."""
    put, looks = LiveFrames.put, list[Look]()

    async def noted(frames: LiveFrames, whose: Whose, look: Look) -> None:
        looks.append(look)
        await put(frames, whose, look)

    monkeypatch.setattr(LiveFrames, "put", noted)
    return looks


async def set_up_watched_elsewhere(play: Stage) -> list[LiveState]:
    """Set the shop up while somebody watches in another process; how it stood."""
    async with process(play.services.database) as elsewhere:
        asked = await play.begin()
        elsewhere.watch((play.visitor.customer_id, asked.id))
        ended = await play.ended(asked)
        assert ended.status is OperationStatus.COMPLETED
        await until(lambda: elsewhere.told[-1] == LiveState())
    return elsewhere.told


async def test_no_frame_that_is_written_shows_a_secret_and_none_is_written_while_it_is_paused(
    tmp_path: Path, url: str, written: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    paint_often(monkeypatch)
    async with stage(tmp_path, shop_with(latency=LATENCY), database_url=url) as play:
        told = await set_up_watched_elsewhere(play)
    assert any(one.is_paused for one in told)
    assert [one for one in written if one.is_paused and one.frame is not None] == []
    frames = [one.frame for one in written if one.frame is not None]
    assert frames
    assert sum(map(shows_canary, frames)) == 0


async def test_it_is_fetched_in_any_process_by_who_may_see_the_operation_alone(tmp_path: Path, url: str) -> None:
    """Signed in as another customer, signed out, and asked past the API with their own customer's id."""
    async with stage(tmp_path, database_url=url) as play, served(play) as call:
        ours, operation_id = play.visitor.customer_id, UUID(await call.initiate())
        path = f"/pictures/live/{operation_id}"
        async with process(play.services.database) as elsewhere:
            assert (await call.client.get(path)).status_code == 404
            stop = play.services.live.watch(ours, operation_id, lambda state: None)
            (await elsewhere.carries_out((ours, operation_id))).show(b"frame")
            await until(lambda: bool(elsewhere.pictures._relays))
            async with process(play.services.database) as third:
                third.watch((ours, operation_id))
                await third.sees(LiveState(1))
            answer = await call.client.get(path)
            assert (answer.content, answer.headers["content-type"]) == (b"frame", "image/webp")
            assert answer.headers["cache-control"] == "no-store"
            assert (await call.anonymous.get(path)).status_code == 401
            other = await call.somebody("other@b.example", company="Other")
            assert (await call.anonymous.get(path, headers=await call.cookie(other))).status_code == 404
            with pytest.raises(NotFound):
                await play.services.live.fetch(other.customer_id, operation_id)
            stop()
