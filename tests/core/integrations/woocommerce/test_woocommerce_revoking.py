"""A connection ends where it was made: the key goes there first, is shown to be refused, and only then forgotten here."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.practice_shop.shop import PracticeShop
from core.agents.agent import StepFailed
from core.agents.keys import Key, SignInMissing
from core.agents.revoking import RevokingAgent
from core.agents.task import AgentTask
from core.database.session import Database
from core.errors import CoreError, NotFound
from core.integrations.calling import ShopApiUnreachable
from core.integrations.woocommerce.key import KEY
from core.security.origin import Origin
from tests.core.catalog.shelves import Keeper
from tests.core.integrations.conftest import WayOut
from tests.core.integrations.woocommerce.setting_up import Setup
from tests.fakes.clock import MovedClock


@pytest.fixture
async def connected(
    shop: PracticeShop, origin: Origin, way_out: WayOut, sqlite_database: Database, clock: MovedClock
) -> Setup:
    """A shop that was set up, and whose owner gives the sign-in anew."""
    setup = await Setup.of(shop, origin, await way_out(origin), await Keeper.of(sqlite_database, clock, "tea"))
    await setup.agent().run()
    return setup


async def still_knows_it(task: AgentTask, key: Key) -> bool:
    return False


async def does_not_answer(task: AgentTask, key: Key) -> bool:
    raise ShopApiUnreachable


async def test_the_key_goes_there_and_everything_of_it_here(connected: Setup) -> None:
    others = connected.leave_key(name="Someone else's")
    result = await RevokingAgent(connected.task, KEY).run()
    assert connected.names == [others]
    assert (result.said, result.api_key) == ("The WooCommerce key is revoked, and forgotten here.", "")
    assert not set(KEY.parts) & connected.credentials.fields.keys()
    assert await connected.keeper.shelf.made_by("woocommerce", connected.task.origin) is None
    notes = [outcome.note for _, outcome in connected.log.outcomes[-2:]]
    assert notes == ["the service does not know it any more", "its secrets and what it brought over are deleted"]


@pytest.mark.parametrize(
    ("answers", "code"), [(still_knows_it, "still_accepted"), (does_not_answer, "api_unreachable")]
)
async def test_what_is_not_shown_to_be_refused_is_not_forgotten(connected: Setup, answers: object, code: str) -> None:
    kind = replace(KEY, is_refused=answers)  # type: ignore[arg-type]  # one of the two above
    with pytest.raises(StepFailed) as failed:
        await RevokingAgent(connected.task, kind).run()
    assert failed.value.failure_code == code
    assert set(KEY.parts) <= connected.credentials.fields.keys()
    assert await connected.keeper.shelf.made_by("woocommerce", connected.task.origin) == connected.task.operation_id


async def test_a_key_that_somebody_revoked_by_hand_is_forgotten_too(connected: Setup) -> None:
    connected.shop.revoke_key(connected.shop.keys[0].id)
    await RevokingAgent(connected.task, KEY).run()
    assert await connected.keeper.shelf.made_by("woocommerce", connected.task.origin) is None


async def test_keys_that_were_replaced_and_not_removed_go_with_it(connected: Setup) -> None:
    earlier = uuid4()
    connected.leave_key(earlier)
    row = await connected.keeper.connection(connected.task.origin)
    row.superseded = [str(earlier)]
    await connected.keeper.database.run(connected.keeper.company.id, lambda session: session.add(row))
    assert len(connected.names) == 2
    await RevokingAgent(connected.task, KEY).run()
    assert connected.names == []


async def test_as_long_as_a_key_is_left_nothing_is_forgotten_and_each_is_named(connected: Setup) -> None:
    earlier = [uuid4(), uuid4()]
    for one in earlier:
        connected.leave_key(one)
    row = await connected.keeper.connection(connected.task.origin)
    row.superseded = [str(one) for one in earlier]
    await connected.keeper.database.run(connected.keeper.company.id, lambda session: session.add(row))
    connected.log.forbids = lambda step: breaks(connected) if step.intent == "Forget the connection" else None
    with pytest.raises(StepFailed) as failed:
        await RevokingAgent(connected.task, KEY).run()
    assert failed.value.failure_code == "not_all_revoked"
    assert all(KEY.what_is_left(one).removesuffix(".") in failed.value.because for one in earlier)
    assert await connected.keeper.shelf.made_by("woocommerce", connected.task.origin) == connected.task.operation_id


@pytest.mark.parametrize(("is_private", "proof"), [(False, True), (True, False)])
async def test_that_a_key_is_not_there_proves_nothing_to_whom_only_their_own_are_shown(
    connected: Setup, is_private: bool, proof: bool
) -> None:
    kind, earlier = replace(KEY, is_private=is_private), uuid4()
    assert await RevokingAgent(connected.task, kind).remove_key_of(earlier) is proof
    connected.leave_key(earlier)
    assert await RevokingAgent(connected.task, kind).remove_key_of(earlier)


def breaks(setup: Setup) -> None:
    """From now on the shop errs."""
    setup.browser.says = "There has been a critical error on this website."


async def test_a_second_attempt_after_a_crash_finds_nothing_left_to_do(connected: Setup) -> None:
    await RevokingAgent(connected.task, KEY).run()
    opened = len(connected.browser.pages)
    again = await RevokingAgent(connected.task, KEY).run()
    assert (again.said, len(connected.browser.pages)) == ("The WooCommerce key is revoked, and forgotten here.", opened)


@pytest.mark.parametrize(("missing", "error"), [("admin_password", SignInMissing), ("connection", NotFound)])
async def test_without_a_sign_in_or_a_connection_nothing_is_begun(
    connected: Setup, missing: str, error: type[CoreError]
) -> None:
    connected.credentials.fields.pop(missing, None)
    elsewhere = replace(connected.task, origin=Origin.of("https://coffee.example"))
    opened = len(connected.browser.pages)
    with pytest.raises(error):
        await RevokingAgent(elsewhere if missing == "connection" else connected.task, KEY).run()
    assert (len(connected.browser.pages), len(connected.names)) == (opened, 1)
