"""What becomes of a key that the shop's owner approved: proven, in use, and its products over, without any browser."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.practice_shop.shop import PracticeShop
from core.agents.agent import StepFailed
from core.agents.approval import AskedApproval
from core.agents.integration import Integration
from core.agents.minting import CONNECTED, KEY_KEPT, STAYS_CONNECTED
from core.agents.task import MADE
from core.database.session import Database
from core.integrations.woocommerce.agent import ApprovalMissing, ApprovedSetupAgent
from core.integrations.woocommerce.authorize import address
from core.integrations.woocommerce.key import KEY
from core.integrations.woocommerce.service import woocommerce
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.security.secret import Secret
from tests.core.catalog.shelves import Keeper
from tests.core.integrations.conftest import WayOut
from tests.core.integrations.woocommerce.setting_up import Setup
from tests.fakes.clock import MovedClock


@pytest.fixture
async def setup(
    shop: PracticeShop, origin: Origin, way_out: WayOut, sqlite_database: Database, clock: MovedClock
) -> Setup:
    """An operation whose key has come from the shop, as WooCommerce names such a key."""
    keeper = await Keeper.of(sqlite_database, clock, "tea")
    made = await Setup.of(shop, origin, await way_out(origin), keeper)
    came(made, shop, "read")
    return made


def came(setup: Setup, shop: PracticeShop, permission: str) -> None:
    """The owner of this shop approves, and the key comes here."""
    name = f"{KEY.name(setup.task.operation_id)} - API (2026-11-25 13:00:00)"
    key = shop.make_key(name, "admin", permission)
    setup.credentials.fields = {
        "new_consumer_key": Secret(key.consumer_key),
        "new_consumer_secret": Secret(key.consumer_secret),
    }
    setup.log.done = frozenset({MADE, KEY_KEPT})


def agent(setup: Setup, **changed: Any) -> ApprovedSetupAgent:
    return ApprovedSetupAgent(replace(setup.task, **changed))


async def test_it_ends_with_the_key_in_use_and_all_products_and_opens_no_browser(setup: Setup) -> None:
    result = await agent(setup).run()
    [key] = setup.shop.keys
    assert (result.product_count, result.key_can, result.api_key) == (47, "read", f"ck_…{key.truncated}")
    assert (setup.browser.pages, result.left_behind) == ([], "")
    assert setup.credentials.fields.keys() == {"consumer_key", "consumer_secret"}
    assert setup.log.done == {MADE, KEY_KEPT, CONNECTED}
    connection = await setup.keeper.connection(setup.task.origin)
    assert (connection.operation_id, connection.key_hint) == (setup.task.operation_id, key.truncated)


async def test_its_timeline_is_what_code_does(setup: Setup) -> None:
    await agent(setup).run()
    assert [step.intent for step in setup.log.planned] == [
        "Put the WooCommerce key into the vault",
        "Configure the connection",
        "Test the connection",
        "Bring your products over",
    ]
    assert [position for position, outcome in setup.log.outcomes if outcome.done] == [1, 2, 3, 4]


async def test_a_key_of_another_shop_is_not_used(setup: Setup) -> None:
    """It is asked at the shop it was asked for, and at no other."""
    [own] = setup.shop.keys
    setup.shop.revoke_key(own.id)
    came(setup, PracticeShop(), "read")
    with pytest.raises(StepFailed) as failed:
        await agent(setup).run()
    assert failed.value.failure_code == "api_refused"
    assert CONNECTED not in setup.log.done


@pytest.mark.parametrize(
    ("really", "allowed", "code"),
    [("read_write", set(), "key_too_wide"), ("read", {"update_products"}, "key_too_narrow")],
)
async def test_what_the_shop_says_of_a_key_is_not_believed(
    setup: Setup, really: str, allowed: set[str], code: str
) -> None:
    came(setup, setup.shop, really)
    with pytest.raises(StepFailed) as failed:
        await agent(setup, permissions=setup.task.permissions | allowed).run()
    assert failed.value.failure_code == code


async def test_without_a_key_it_does_nothing_even_with_a_sign_in(setup: Setup) -> None:
    setup.log.done = frozenset()
    setup.credentials.fields = {"admin_username": Secret("admin"), "admin_password": Secret("practice-tea-4711")}
    with pytest.raises(ApprovalMissing, match="approve it in your shop"):
        await agent(setup).run()
    assert (setup.browser.pages, setup.log.planned) == ([], [])


async def test_keys_it_replaced_are_named_for_their_owner_to_revoke(setup: Setup) -> None:
    setup.credentials.fields |= {"admin_username": Secret("admin"), "admin_password": Secret("practice-tea-4711")}
    earlier = await setup.keeper.connect(setup.task.origin)
    name = setup.leave_key(earlier)
    result = await agent(setup).run()
    assert result.left_behind == (
        f"The WooCommerce key named “{name}” may still be there. "
        "Revoke it under WooCommerce → Settings → Advanced → REST API."
    )
    assert (setup.browser.pages, (await setup.keeper.connection(setup.task.origin)).superseded) == ([], [str(earlier)])


async def test_cleaning_up_names_the_key_and_opens_no_browser(setup: Setup) -> None:
    setup.credentials.fields |= {"admin_username": Secret("admin"), "admin_password": Secret("practice-tea-4711")}
    assert await agent(setup).clean_up() == KEY.what_is_left(setup.task.operation_id)
    assert setup.browser.pages == []
    setup.log.done |= {CONNECTED}
    assert await agent(setup).clean_up() == STAYS_CONNECTED


@pytest.fixture
def operations() -> tuple[Integration, ...]:
    return woocommerce(AddressGuard(SystemResolver()))


def test_its_words_promise_what_is_so(operations: tuple[Integration, ...]) -> None:
    signs_in, approved, *_ = operations
    assert (signs_in.approval, approved.sign_in) == (None, ())
    assert {one.name for one in approved.permissions} == {one.name for one in signs_in.permissions}
    assert approved.required == signs_in.required
    assert all(one.will.count("**") in {2, 4} for one in approved.permissions)
    for told in (approved.intro, approved.summary, *approved.kept):
        assert not [word for word in ("opens a browser", "Your password: encrypted", "Pictures of") if word in told]
    assert "no pictures" in " ".join(approved.kept)


def test_everything_in_the_address_stays_what_it_is() -> None:
    asked = AskedApproval(
        origin=Origin.of("https://tea.example:8443"),
        app_name="OmniOps · op 1&scope=read_write#",
        scope="read",
        state=Secret("a-b_c"),
        callback_url="https://us.example/api?x=1&y=2",
        return_url="https://us.example/operations/1",
    )
    url = urlsplit(address(asked))
    assert (url.netloc, url.path, url.fragment) == ("tea.example:8443", "/wc-auth/v1/authorize", "")
    assert parse_qs(url.query) == {
        "app_name": ["OmniOps · op 1&scope=read_write#"],
        "scope": ["read"],
        "user_id": ["a-b_c"],
        "callback_url": ["https://us.example/api?x=1&y=2"],
        "return_url": ["https://us.example/operations/1"],
    }
