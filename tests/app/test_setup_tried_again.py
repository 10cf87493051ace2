"""A setup that fails because of the shop is tried again, and the shop holds at most one key of ours whatever happens."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from app.commands.questions import whoever_is_there
from app.commands.setup import Wanted, carry_out
from app.practice_shop import web
from app.practice_shop.faults import Fault
from core.agents.revoking import REVOKE
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.integrations.woocommerce.key import KEY
from core.operations import retrying
from core.operations.consents import ConsentRequest
from core.operations.rows import operation_of
from core.operations.views import OperationView
from core.security.secret import Secret
from tests.app.running import PERMITTED, Stage, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.app.stored_setup import StoredSetup
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_product


async def tried_again(play: Stage, failed: OperationView) -> OperationView:
    """The try that follows, as it waits for its time."""
    assert failed.retried_by is not None
    return await play.services.operations.status(play.visitor, failed.retried_by)


async def stored(play: Stage) -> set[str]:
    """What is in the vault."""
    return {one.field for one in await play.services.credentials.list(play.visitor)}


def at_the_shop(play: Stage) -> list[str]:
    """The names of our keys there."""
    return [key.description for key in play.shop.keys]


async def now(play: Stage, waiting: OperationView) -> OperationView:
    """How a try ends that need not wait for its time."""
    await play.services.retries.retry(play.visitor, waiting.id)
    return await play.ended(waiting)


async def test_an_api_that_is_overloaded_is_obeyed_and_the_next_try_does_it(tmp_path: Path, said: Said) -> None:
    async with stage(tmp_path, shop_with(Fault.API_BUSY)) as play:
        first = await play.ended(await play.begin())
        assert first.failure is not None
        assert (first.failure.code, first.failure.left_behind) == ("api_busy", "")
        assert play.shop.keys == ()

        waiting = await tried_again(play, first)
        assert waiting.not_before is not None
        assert waiting.not_before - waiting.created_at == timedelta(seconds=120)
        assert await stored(play) == {"admin_username", "admin_password"}

        play.shop.switch([])
        ended = await when_it_is_time(play, waiting)
        assert (ended.failure, ended.tries) == (None, 1)
        assert at_the_shop(play) == [KEY.name(ended.id)]
        assert await stored(play) == {"consumer_key", "consumer_secret"}
        assert (await play.services.trail.verify(play.visitor)).intact
        await nothing_secret_is_anywhere(play, said)


async def when_it_is_time(play: Stage, waiting: OperationView) -> OperationView:
    """How a try ends that begins by itself: by the sweep of the process, which asks the clock."""
    soon = play.services.clock.now()

    def due(session: CustomerSession) -> None:
        operation_of(session, waiting.id).not_before = soon

    await play.services.database.run(play.visitor.customer_id, due)
    return await play.ended(waiting)


async def leave_a_key(play: Stage) -> OperationView:
    """A setup that made a key, whose shop then went down altogether: it could not be removed."""
    async with play.held_at("Put the WooCommerce key into the vault") as operation:
        play.shop.switch([Fault.API_BUSY, Fault.ADMIN_DOWN])
    return await play.ended(operation)


async def leaves_one_key(play: Stage) -> None:
    first = await leave_a_key(play)
    assert first.failure is not None
    assert first.failure.left_behind == KEY.what_is_left(first.id)
    assert at_the_shop(play) == [KEY.name(first.id)]

    second = await now(play, await tried_again(play, first))
    assert second.failure is not None
    assert (second.status, second.tries) == (OperationStatus.FAILED, 1)
    assert second.failure.left_behind == KEY.what_is_left(first.id)
    assert at_the_shop(play) == [KEY.name(first.id)]

    play.shop.switch([])
    third = await now(play, await tried_again(play, second))
    assert third.failure is None
    assert at_the_shop(play) == [KEY.name(third.id)]
    for one in (first, second):
        told = (await play.services.operations.status(play.visitor, one.id)).failure
        assert told is not None
        assert told.left_behind == ""


async def test_a_key_that_could_not_be_removed_goes_before_a_new_one_is_made(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    with postgres.database() as url:
        upgrade_for_tests(url)
        async with stage(tmp_path, shop_with(), database_url=as_product(url)) as play:
            await leaves_one_key(play)


@pytest.fixture(scope="module")
def left(connected: StoredSetup, tmp_path_factory: pytest.TempPathFactory) -> StoredSetup:
    """A shop that is connected, at which a second setup has left a key, and nobody tries again."""
    return asyncio.run(leaving(connected, tmp_path_factory.mktemp("left")))


async def leaving(connected: StoredSetup, folder: Path) -> StoredSetup:
    async with connected.gone_on_from(folder) as play:
        ended = await leave_a_key(play)
        await give_up_on(play, ended)
        assert set(at_the_shop(play)) == {KEY.name(connected.ended.id), KEY.name(ended.id)}
        return StoredSetup.of(play, ended)


async def test_so_it_does_before_that_of_a_setup_that_somebody_begins_anew(tmp_path: Path, left: StoredSetup) -> None:
    async with left.gone_on_from(tmp_path) as play:
        anew = await play.ended(await play.begin())
        assert anew.failure is None
        assert at_the_shop(play) == [KEY.name(anew.id)]
        told = (await play.services.operations.status(play.visitor, left.ended.id)).failure
        assert told is not None
        assert told.left_behind == ""


async def test_who_revokes_there_revokes_what_was_left_as_well(tmp_path: Path, left: StoredSetup) -> None:
    async with left.gone_on_from(tmp_path) as play:
        revoked = await play.ended(await play.begin(operation=REVOKE))
        assert (revoked.failure, at_the_shop(play)) == (None, [])


async def give_up_on(play: Stage, failed: OperationView) -> None:
    """Stop the try that would follow."""
    waiting = await tried_again(play, failed)
    await play.services.operations.cancel(play.visitor, waiting.id, because="I begin anew")


def mend_after_the_first(play: Stage) -> None:
    """Have the shop well again as soon as its first key is gone."""
    if play.shop.has(Fault.API_BUSY) and Fault.API_BUSY in play.shop.fault_log and not play.shop.keys:
        play.shop.switch([])


async def test_the_terminal_stays_until_it_was_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", timedelta(0))
    async with stage(tmp_path, shop_with(Fault.API_BUSY)) as play:
        console = Console(record=True, width=120)
        request = ConsentRequest("woocommerce", "api_key_generation", play.store_url, PERMITTED)
        wanted = Wanted(request, "admin", Secret(play.shop.password_of("admin")), frozenset())
        monkeypatch.setattr(web, "BUSY_FOR", 0)
        told_once = play.services.progress.subscribe(play.visitor.customer_id, lambda _: mend_after_the_first(play))
        ended = await carry_out(play.services, play.visitor, wanted, console, whoever_is_there(console, as_json=True))
        told_once()
        assert (ended.status, ended.tries) == (OperationStatus.COMPLETED, 1)
        assert "(1 of 3). Ctrl-C stops it." in console.export_text()
