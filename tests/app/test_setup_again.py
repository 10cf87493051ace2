"""A second setup, a stopped one, a withdrawn consent: the shop holds one key of ours, and it is the one that works."""

from pathlib import Path

from app.practice_shop.shop import PracticeShop
from core.database.states import OperationStatus, StepState
from core.integrations.woocommerce.key import KEY
from core.operations.views import OperationView
from tests.app.running import Stage, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.app.stored_setup import StoredSetup
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_product


async def stopped_at(play: Stage, words: str) -> OperationView:
    """A setup that was stopped at this step."""
    async with play.held_at(words) as operation:
        await play.services.operations.cancel(play.visitor, operation.id, because="You stopped it.")
    return await play.ended(operation)


def ours(shop: PracticeShop) -> list[str]:
    return [key.description for key in shop.keys]


async def connected_with(play: Stage) -> str:
    """The end of the key that the one connection goes by."""
    (connection,) = await play.services.catalog.connections(play.visitor)
    return connection.key_hint


async def test_a_stopped_setup_removes_what_it_made(tmp_path: Path, said: Said) -> None:
    async with stage(tmp_path, shop_with()) as play:
        ended = await stopped_at(play, "Test the connection")
        assert ended.status is OperationStatus.CANCELLED
        assert ended.failure is not None
        assert (ended.failure.sentence, ended.failure.left_behind) == ("You stopped it.", "")
        assert ours(play.shop) == []
        assert await play.services.catalog.connections(play.visitor) == ()
        assert await play.services.credentials.list(play.visitor) == ()
        a_clean_up_stands_after_what_was_done_before(ended)
        await nothing_secret_is_anywhere(play, said)


async def test_a_stopped_setup_leaves_an_earlier_one_as_it_was_and_the_next_replaces_it(
    tmp_path: Path, connected: StoredSetup
) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        key = play.shop.keys[0]

        await stopped_at(play, "Test the connection")
        assert play.shop.keys[0].id == key.id
        assert len(play.shop.keys) == 1
        assert await connected_with(play) == key.truncated
        stored = {one.field for one in await play.services.credentials.list(play.visitor)}
        assert stored == {"consumer_key", "consumer_secret"}

        third = await play.ended(await play.begin())
        assert ours(play.shop) == [KEY.name(third.id)] != [KEY.name(connected.ended.id)]
        assert await connected_with(play) == play.shop.keys[0].truncated


def a_clean_up_stands_after_what_was_done_before(ended: OperationView) -> None:
    intents = [step.intent for step in ended.steps]
    at_last = intents.index("Bring your products over")
    assert [step.state for step in ended.steps[at_last - 1 : at_last + 1]] == [StepState.TO_COME] * 2
    assert intents[at_last + 1] == "Open your shop's list of keys"
    revoked = ended.steps[intents.index(f"Revoke the key “{KEY.name(ended.id)}”")]
    assert (revoked.position > at_last, revoked.state) == (True, StepState.DONE)
    before = {step.intent: step for step in ended.steps[:at_last]}
    assert "create-key=1" in (before[f"Name the key “{KEY.name(ended.id)}”"].page_url or "")


async def test_withdrawn_consent_stops_it_and_the_sign_in_is_gone(tmp_path: Path, said: Said) -> None:
    async with stage(tmp_path, shop_with()) as play:
        async with play.held_at("Sign in as") as running:
            assert running.consent_id is not None
            await play.services.consents.revoke(play.visitor, running.consent_id, because="changed my mind")
        ended = await play.ended(running)
        assert ended.status is OperationStatus.CANCELLED
        assert await play.services.credentials.list(play.visitor) == ()
        await nothing_secret_is_anywhere(play, said)

        # While another setup goes all the way, the one that was stopped makes nothing.
        second = await play.ended(await play.begin())
        assert ours(play.shop) == [KEY.name(second.id)]
        assert list(play.shop.requests).count("POST /wp-admin/admin-ajax.php") == 1


async def test_a_stopped_one_is_the_same_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    with postgres.database() as url:
        upgrade_for_tests(url)
        async with stage(tmp_path, shop_with(), database_url=as_product(url)) as play:
            ended = await stopped_at(play, "Test the connection")
            assert ended.status is OperationStatus.CANCELLED
            assert ours(play.shop) == []
            assert (await play.services.trail.verify(play.visitor)).intact
            assert not (play.folder / "data" / "autopilot.db").exists()
