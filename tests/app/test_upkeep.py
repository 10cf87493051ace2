"""A stored key is looked at, used again, found to be refused or too wide, and the connection repaired: in a real shop."""

from datetime import timedelta
from pathlib import Path

from app.practice_shop.faults import Fault
from core.catalog.sync import connection_of
from core.database.session import CustomerSession
from core.database.states import CHECK, RESYNC, OperationStatus
from core.integrations.woocommerce.key import KEY
from core.operations.connections import Connection
from core.operations.consents import ConsentRequest
from core.operations.schedules import NewSchedule
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.audit.audit_log import AuditAction
from core.security.origin import Origin
from core.security.secret import Secret
from tests.app.running import Stage, stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.app.stored_setup import StoredSetup
from tests.conftest import upgrade_for_tests
from tests.postgres import PostgresServer, as_product

REFUSED = "The shop does not accept our key any more."


async def do(play: Stage, operation: str) -> OperationView:
    """Consent to it and have it done."""
    await play.services.consents.grant(play.visitor, ConsentRequest("woocommerce", operation, play.store_url))
    wanted = NewOperation("woocommerce", operation, play.store_url)
    return await play.ended(await play.services.operations.initiate(play.visitor, wanted))


async def connection(play: Stage) -> Connection:
    (one,) = await play.services.connections.list(play.visitor)
    return one


async def code(play: Stage, operation: str) -> str:
    failure = (await do(play, operation)).failure
    assert failure is not None
    return failure.code


async def test_a_key_that_works_is_found_to_work_without_a_browser(
    tmp_path: Path, said: Said, connected: StoredSetup
) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        ended = await do(play, CHECK)
        assert ended.failure is None
        assert ended.result is not None
        assert ended.result.said == "The WooCommerce key works, and can do what you allowed."
        assert (await connection(play)).trouble is None
        assert play.autopilot.browsers.running_version is None
        assert {path for path in play.shop.requests if "/wp-admin" in path or "wp-login" in path} == set()
        assert [step.picture_id for step in ended.steps] == [None, None]
        assert len(play.shop.keys) == 1
        await nothing_secret_is_anywhere(play, said)


async def test_products_are_brought_over_again_as_they_are_by_then(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        gone = play.shop.products.pop()
        play.shop.products[0]["name"] = "Renamed Tea"
        ended = await do(play, RESYNC)
        assert ended.result is not None
        assert ended.result.product_count == 46
        found = await play.services.catalog.search(play.visitor, "Renamed Tea")
        assert [one.name for one in found.products][:1] == ["Renamed Tea"]
        assert gone["name"] not in {one.name for one in (await play.services.catalog.search(play.visitor, "")).products}
        assert (await connection(play)).product_count == 46


async def repairs(play: Stage) -> None:
    play.shop.keyring.revoke(play.shop.keys[0].id)
    assert await code(play, CHECK) == "key_refused"
    marked = await connection(play)
    assert (marked.trouble, marked.trouble_since is not None) == (REFUSED, True)
    assert await code(play, RESYNC) == "key_refused"
    assert (await connection(play)).trouble_since == marked.trouble_since
    assert (await connection(play)).product_count == 47  # what came over before stays

    repaired = await play.ended(await play.begin())
    assert repaired.status is OperationStatus.COMPLETED
    assert (await connection(play)).trouble is None
    assert [key.description for key in play.shop.keys] == [KEY.name(repaired.id)]
    assert (await do(play, CHECK)).failure is None
    told = [entry.action for entry in await play.services.trail.read(play.visitor, limit=500)]
    assert told.count(AuditAction.CONNECTION_BROKEN) == 1
    assert (await play.services.trail.verify(play.visitor)).intact


async def test_a_key_that_was_revoked_there_marks_the_connection_until_it_is_repaired(
    tmp_path: Path, connected: StoredSetup
) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        await repairs(play)


async def test_so_it_is_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    with postgres.database() as url:
        upgrade_for_tests(url)
        async with stage(tmp_path, shop_with(), database_url=as_product(url)) as play:
            await play.ended(await play.begin())
            await repairs(play)


async def test_a_key_that_can_do_more_is_told_and_so_is_that_it_is_right_again(
    tmp_path: Path, connected: StoredSetup
) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        (key,) = play.shop.keys
        play.shop.keyring.change(key.id, key.description, key.login, "read_write")
        assert await code(play, CHECK) == "key_too_wide"
        assert (await connection(play)).trouble == "The key can do more than you allowed."

        play.shop.keyring.change(key.id, key.description, key.login, "read")
        assert (await do(play, CHECK)).failure is None
        assert (await connection(play)).trouble is None


async def test_a_key_goes_with_the_last_consent_that_it_is_used_under(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        await do(play, CHECK)
        given = {one.operation: one.id for one in await play.services.consents.list(play.visitor) if one.in_force}
        await play.services.consents.revoke(play.visitor, given["api_key_generation"], because="enough")
        stored = {one.field for one in await play.services.credentials.list(play.visitor)}
        assert stored == {"consumer_key", "consumer_secret"}  # it is still used under the other
        await play.services.consents.revoke(play.visitor, given[CHECK], because="enough")
        assert await play.services.credentials.list(play.visitor) == ()  # nobody allows anything any more


async def test_without_a_connection_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    async with stage(tmp_path, shop_with()) as play:
        assert await code(play, CHECK) == "not_found"


async def due_for_renewal(play: Stage) -> OperationView:
    """A shop whose key was made 91 days ago, and what is asked for because of that."""

    def age(session: CustomerSession) -> None:
        row = connection_of(session, "woocommerce", Origin.of(play.store_url))
        assert row is not None
        row.created_at -= timedelta(days=91)
        session.add(row)

    await play.services.database.run(play.visitor.customer_id, age)
    wanted = NewSchedule("woocommerce", "api_key_generation", play.store_url)
    await play.services.schedules.add(play.visitor, wanted)
    await play.autopilot.schedule_rounds.round()
    (schedule,) = await play.services.schedules.list(play.visitor)
    assert schedule.waits
    assert schedule.last_operation_id is not None
    return await play.services.operations.status(play.visitor, schedule.last_operation_id)


async def sign_in_and_allow(play: Stage, waiting: OperationView) -> OperationView:
    sign_in = {"admin_username": Secret("admin"), "admin_password": Secret(play.shop.password_of("admin"))}
    await play.services.credentials.store(play.visitor, "woocommerce", play.store_url, sign_in)
    await play.services.consents.grant_for(play.visitor, waiting.id)
    return await play.ended(waiting)


async def test_an_old_key_is_made_anew_once_a_person_has_signed_in(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        waiting = await due_for_renewal(play)
        assert waiting.id != connected.ended.id
        assert waiting.status is OperationStatus.AWAITING_CONSENT
        assert len(play.shop.keys) == 1
        renewed = await sign_in_and_allow(play, waiting)
        assert renewed.failure is None
        assert [key.description for key in play.shop.keys] == [KEY.name(waiting.id)]
        assert (await do(play, CHECK)).failure is None
        await play.autopilot.schedule_rounds.round()
        (schedule,) = await play.services.schedules.list(play.visitor)
        assert not schedule.waits


async def test_a_renewal_that_fails_leaves_the_old_key_at_work(tmp_path: Path, connected: StoredSetup) -> None:
    async with connected.gone_on_from(tmp_path) as play:
        waiting = await due_for_renewal(play)
        before = play.shop.keys
        play.shop.switch([Fault.KEY_LIMIT])
        failed = await sign_in_and_allow(play, waiting)
        assert failed.status is OperationStatus.FAILED
        assert [key.id for key in play.shop.keys] == [key.id for key in before]
        assert (await do(play, CHECK)).failure is None


async def test_a_wider_key_that_was_allowed_is_as_it_should_be(tmp_path: Path) -> None:
    async with stage(tmp_path, shop_with()) as play:
        wider = ("create_api_keys", "read_products", "update_products")
        ended = await play.ended(await play.begin(permissions=wider))
        assert ended.result is not None
        assert ended.result.key_permission == "read_write"
        assert play.shop.keys[0].permission == "read_write"
        assert (await do(play, CHECK)).failure is None
