"""One key, no wider than allowed, in the vault and proven; the products with it; and after a failure no key at all."""

from uuid import uuid4

import pytest

from app.practice_shop.shop import PracticeShop
from core.agents.agent import StepFailed
from core.agents.keys import SignInMissing
from core.agents.minting import CONNECTED, KEY_KEPT, STAYS_CONNECTED
from core.agents.task import MADE
from core.browser.actions import Fill, FillSecret, Select
from core.catalog.sync import Product
from core.database.session import Database
from core.errors import CoreError
from core.integrations.woocommerce.agent import KnownFirstPage
from core.integrations.woocommerce.key import KEY
from core.security.origin import Origin
from core.security.secret import Secret
from core.workflows.locator import Locator
from tests.core.catalog.shelves import Keeper
from tests.core.integrations.conftest import WayOut
from tests.core.integrations.woocommerce.setting_up import PASSWORD, Setup
from tests.fakes.clock import MovedClock
from tests.fakes.products import FakeShop


@pytest.fixture
async def setup(
    shop: PracticeShop, origin: Origin, way_out: WayOut, sqlite_database: Database, clock: MovedClock
) -> Setup:
    keeper = await Keeper.of(sqlite_database, clock, "tea")
    return await Setup.of(shop, origin, await way_out(origin), keeper)


async def test_a_setup_ends_with_one_key_in_the_vault_and_all_products(setup: Setup) -> None:
    result = await setup.agent().run()
    [key] = setup.shop.keys
    assert (key.permission, key.description) == ("read", f"OmniOps · op {setup.task.operation_id.hex[:8]}")
    assert (result.product_count, result.key_permission, result.store_url) == (47, "read", str(setup.task.origin))
    assert result.api_key == f"ck_…{key.truncated}"
    assert setup.credentials.fields["consumer_key"].reveal().endswith(key.truncated)
    assert setup.credentials.fields["consumer_secret"].reveal().startswith("cs_")
    connection = await setup.keeper.connection(setup.task.origin)
    assert (connection.key_hint, connection.key_permission, connection.product_count) == (key.truncated, "read", 47)
    assert connection.operation_id == setup.task.operation_id
    assert setup.log.done == {MADE, KEY_KEPT, CONNECTED}
    assert not set(KEY.unproven) & setup.credentials.fields.keys()


async def test_each_step_of_code_says_what_came_of_it(setup: Setup) -> None:
    await setup.agent().run()
    notes = [(setup.log.planned[at - 1].intent, outcome.note) for at, outcome in setup.log.outcomes[-4:]]
    assert notes == [
        ("Put the WooCommerce key into the vault", f"ck_…{setup.shop.keys[0].truncated}, AES-256-GCM"),
        ("Configure the connection", f"{setup.task.origin}, with a WooCommerce key that can read"),
        ("Test the connection", "the shop has 47 products; the key can read"),
        ("Bring your products over", "47 products synced"),
    ]


async def test_the_test_of_the_connection_and_the_products_are_one_question(setup: Setup) -> None:
    await setup.agent().run()
    assert sorted(setup.shop.requests) == ["GET /wp-json/wc/v3/products", "PUT /wp-json/wc/v3/products/0"]


@pytest.mark.parametrize(
    ("made", "allowed", "code"),
    [("read_write", set(), "key_too_wide"), ("read", {"update_products"}, "key_too_narrow")],
)
async def test_a_key_that_is_not_as_wide_as_allowed_is_not_used(
    setup: Setup, made: str, allowed: set[str], code: str
) -> None:
    setup.log.forbids = lambda step: changed_to(setup, made) if step.intent == "Test the connection" else None
    with pytest.raises(StepFailed) as failed:
        await setup.agent(permissions=setup.task.permissions | allowed).run()
    assert failed.value.failure_code == code
    assert CONNECTED not in setup.log.done


def changed_to(setup: Setup, permission: str) -> None:
    """Somebody changes the key at the last moment."""
    (key,) = setup.shop.keys
    setup.shop.keyring.change(key.id, key.description, key.login, permission)


async def test_a_wider_consent_makes_a_wider_key(setup: Setup) -> None:
    result = await setup.agent(permissions=setup.task.permissions | {"update_products"}).run()
    assert (setup.shop.keys[0].permission, result.key_permission) == ("read_write", "read_write")
    assert Select(Locator.css("#key_permissions"), "read_write") in setup.browser.pages[0].done


async def test_the_password_is_typed_by_its_name_and_nothing_tells_it(setup: Setup) -> None:
    await setup.agent().run()
    done = setup.browser.pages[0].done
    assert [action.secret for action in done if isinstance(action, FillSecret)] == ["admin_password"]
    assert next(action.text for action in done if isinstance(action, Fill)) == "admin"
    assert "admin_password" not in dict(setup.credentials.used)
    told = f"{done}{setup.log.intended}{setup.log.outcomes}{setup.log.planned}"
    for secret in (PASSWORD, setup.credentials.fields["consumer_secret"].reveal()):
        assert secret not in told


async def test_what_is_shown_once_is_covered_in_every_picture(setup: Setup) -> None:
    await setup.keeper.connect(setup.task.origin)
    await setup.agent().run()
    assert setup.browser.sensitive == [KEY.sensitive, KEY.sensitive]


@pytest.mark.parametrize("missing", ["admin_username", "admin_password"])
async def test_without_a_sign_in_nothing_is_begun(setup: Setup, missing: str) -> None:
    del setup.credentials.fields[missing]
    with pytest.raises(SignInMissing, match="Enter the user name and password"):
        await setup.agent().run()
    assert (setup.browser.pages, setup.log.planned, setup.credentials.used) == ([], [], [])


@pytest.mark.parametrize(
    ("captured", "because"),
    [
        ({}, "The WooCommerce key could not be read off the page."),
        ({"consumer_key": "ck_1"}, "The WooCommerce key could not be read off the page."),
        ({"consumer_key": "", "consumer_secret": ""}, "What stands on the page is no WooCommerce key."),
        ({"consumer_key": "ck_1", "consumer_secret": "•••"}, "What stands on the page is no WooCommerce key."),
        ({"consumer_key": "cs_1", "consumer_secret": "ck_1"}, "What stands on the page is no WooCommerce key."),
    ],
)
async def test_what_is_no_key_is_not_kept(setup: Setup, captured: dict[str, str], because: str) -> None:
    with pytest.raises(StepFailed) as failed:
        await setup.agent().take_over({name: Secret(text) for name, text in captured.items()})
    assert (failed.value.failure_code, failed.value.because) == ("page_not_recognised", because)
    assert setup.log.done == frozenset()
    assert "consumer_key" not in setup.credentials.fields


async def test_after_a_crash_the_kept_key_is_used_and_no_browser_is_needed(setup: Setup) -> None:
    await setup.agent().run()
    del setup.credentials.fields["admin_username"], setup.credentials.fields["admin_password"]
    opened = len(setup.browser.pages)
    result = await setup.agent().run()
    assert (result.product_count, len(setup.shop.keys), len(setup.browser.pages)) == (47, 1, opened)
    assert result.api_key == f"ck_…{setup.shop.keys[0].truncated}"


async def test_a_key_whose_secret_was_lost_in_a_crash_is_revoked_and_made_anew(setup: Setup) -> None:
    lost, others = setup.leave_key(), setup.leave_key(name="Someone else's")
    first = setup.shop.keys[0]
    setup.log.done = frozenset({MADE})
    await setup.agent().run()
    assert sorted(setup.names) == sorted([lost, others])
    assert first not in setup.shop.keys
    assert setup.shop.keys[-1].truncated == (await setup.keeper.connection(setup.task.origin)).key_hint


async def test_a_first_attempt_looks_for_no_lost_key(setup: Setup) -> None:
    await setup.agent().run()
    assert len(setup.browser.pages) == 1


async def test_once_the_new_key_is_proven_the_earlier_one_goes(setup: Setup) -> None:
    setup.leave_key(await setup.keeper.connect(setup.task.origin))
    others = setup.leave_key(uuid4())
    result = await setup.agent().run()
    assert setup.names == [others, f"OmniOps · op {setup.task.operation_id.hex[:8]}"]
    assert result.left_behind == ""
    assert (await setup.keeper.connection(setup.task.origin)).superseded == []


async def test_an_earlier_key_that_can_not_be_removed_is_named_and_the_setup_stands(setup: Setup) -> None:
    earlier = await setup.keeper.connect(setup.task.origin)
    name = setup.leave_key(earlier)
    setup.browser.says_after_the_key = "There has been a critical error on this website."
    result = await setup.agent().run()
    assert result.product_count == 47
    assert name in result.left_behind
    assert (await setup.keeper.connection(setup.task.origin)).superseded == [str(earlier)]


async def test_a_setup_that_fails_late_leaves_what_was_connected_as_it_was(setup: Setup) -> None:
    await setup.keeper.connect(setup.task.origin, key="earlier")
    setup.credentials.fields |= {"consumer_key": Secret("ck_earlier"), "consumer_secret": Secret("cs_earlier")}
    setup.log.forbids = lambda step: revoked(setup) if step.intent == "Bring your products over" else None
    setup.shop.products.extend({**setup.shop.products[0], "id": 9000 + number} for number in range(100))
    with pytest.raises(StepFailed):
        await setup.agent().run()
    assert (await setup.keeper.connection(setup.task.origin)).key_hint == "earlier"
    assert setup.credentials.fields["consumer_key"].reveal() == "ck_earlier"
    assert CONNECTED not in setup.log.done


async def test_what_is_connected_is_not_cleaned_away(setup: Setup) -> None:
    await setup.agent().run()
    assert await setup.agent().clean_up() == STAYS_CONNECTED
    assert len(setup.shop.keys) == 1


async def test_a_key_is_not_superseded_by_itself(setup: Setup) -> None:
    await setup.agent().run()
    setup.log.done -= {CONNECTED}  # a crash before it was remembered
    setup.credentials.fields |= {name: Secret("ck_again") for name in KEY.unproven}
    with pytest.raises(StepFailed):
        await setup.agent().run()
    assert (await setup.keeper.connection(setup.task.origin)).superseded == []


async def test_a_key_the_shop_does_not_know_fails_the_test_of_the_connection(setup: Setup) -> None:
    agent = setup.agent()
    setup.log.forbids = lambda step: revoked(setup) if step.intent == "Test the connection" else None
    with pytest.raises(StepFailed) as failed:
        await agent.run()
    assert failed.value.failure_code == "api_refused"
    assert failed.value.because == (
        "Expected: The shop's API answers to the key, as far as you allowed. "
        "Seen: The service's API refused this. It said 401: Consumer key is invalid."
    )
    assert await setup.keeper.has(setup.task.origin) == []


def revoked(setup: Setup) -> None:
    """Somebody revokes the key at the last moment."""
    setup.shop.revoke_key(setup.shop.keys[0].id)


async def test_cleaning_up_revokes_exactly_the_key_of_this_operation(setup: Setup) -> None:
    setup.leave_key()
    others = [setup.leave_key(uuid4()), setup.leave_key(name="OmniOps")]
    assert await setup.agent().clean_up() == ""
    assert setup.names == others


async def test_where_there_is_no_key_of_ours_there_is_nothing_to_clean_up(setup: Setup) -> None:
    others = setup.leave_key(uuid4())
    assert await setup.agent().clean_up() == ""
    assert setup.names == [others]


async def test_what_cannot_be_removed_is_named(setup: Setup) -> None:
    name = setup.leave_key()
    setup.browser.says = "There has been a critical error on this website."
    left = await setup.agent().clean_up()
    assert left == KEY.what_is_left(setup.task.operation_id)
    assert name in left
    assert setup.names == [name]


async def test_without_a_sign_in_nothing_can_be_removed_and_that_is_said(setup: Setup) -> None:
    setup.leave_key()
    del setup.credentials.fields["admin_password"]
    with pytest.raises(SignInMissing) as missing:
        await setup.agent().clean_up()
    assert missing.value.because == KEY.what_is_left(setup.task.operation_id)
    assert setup.browser.pages == []


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ("Error: The password you entered for the username admin is incorrect. Lost your password?", "wrong_password"),
        ("Error: The username admin is not registered on this site.", "wrong_password"),
        ("Sorry, you are not allowed to access this page.", "no_rights"),
        ("You do not have permission to create API Keys", "no_rights"),
        ("The maximum number of API keys has been reached.", "key_limit"),
        ("There has been a critical error on this website.", "shop_error"),
        ("The shop answered 500", "shop_error"),
        ("The link you followed has expired. Please try again.", "link_expired"),
        ("Something nobody has heard of.", "page_not_recognised"),
    ],
)
async def test_each_no_of_the_shop_has_its_reason_and_nothing_is_kept(setup: Setup, says: str, code: str) -> None:
    setup.browser.says = says
    with pytest.raises(StepFailed) as failed:
        await setup.agent().run()
    assert failed.value.failure_code == code
    assert failed.value.because.endswith(".")
    assert setup.shop.keys == ()
    assert KEY_KEPT not in setup.log.done


async def test_the_first_page_is_asked_for_once_and_then_anew() -> None:
    shop = FakeShop([Product(1, "Sencha"), Product(2, "Assam")])
    known = KnownFirstPage(shop)
    first = await known.page(1, 100)
    shop.products.append(Product(3, "Hojicha"))
    assert await known.page(1, 100) is first
    assert (await known.page(1, 100)).total == 3
    await known.page(2, 100)
    assert shop.asked == [(1, 100), (1, 100), (2, 100)]


async def test_a_first_page_that_did_not_come_is_asked_for_again() -> None:
    shop = FakeShop([Product(1, "Sencha")])
    shop.breaks_at = 1
    known = KnownFirstPage(shop)
    with pytest.raises(CoreError):
        await known.page(1, 100)
    shop.breaks_at = None
    assert (await known.page(1, 100)).total == 1
