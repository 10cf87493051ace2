"""How each page behaves, for whom, when it is empty and when it is not: by NiceGUI's simulated person, in this process."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from nicegui import ui

from core.catalog.sync import NewConnection, Product, ProductShelf
from core.database.roles import Role
from core.operations.consents import ConsentRequest
from core.operations.service import NewOperation
from core.operations.views import OperationView
from core.security.origin import Origin
from core.security.secret import Secret
from tests.fakes.clock import MovedClock
from tests.fakes.products import FakeShop
from tests.pages.simulation import Person, simulated


@pytest.fixture
async def owner(tmp_path: Path, sqlite_template: Path, clock: MovedClock) -> AsyncIterator[Person]:
    async with simulated(tmp_path, sqlite_template, clock) as person:
        yield person


ASKED = ("woocommerce", "api_key_generation")
CANARY = "correct horse canary"


async def ask(person: Person) -> OperationView:
    """A setup of the practice shop that waits for consent."""
    wanted = NewOperation(*ASKED, person.stage.store_url)
    return await person.services.operations.initiate(person.stage.visitor, wanted)


async def connect(person: Person, *products: Product) -> None:
    """The practice shop is connected, with these on its shelf."""
    services, who = person.services, person.stage.visitor
    asked, origin = await ask(person), Origin.of(person.stage.store_url)
    write = partial(services.database.run, who.customer_id)
    shelf = ProductShelf(write, who.customer_id, asked.id, services.clock)
    new = NewConnection("woocommerce", origin, asked.id, "1234567", "read")
    await write(lambda session: shelf.connect(session, new))
    await shelf.fill("woocommerce", origin, FakeShop(list(products)))


EMPTY = {
    "/": ("Nothing is connected yet", "Set up your first service"),
    "/set-up": ("WooCommerce", "WordPress", "pretix"),
    "/shops": ("No shop is connected",),
    "/products": ("No products yet",),
    "/consents": ("None is in force",),
    "/operations": ("Nothing asked for yet",),
    "/settings/credentials": ("Nothing is stored.",),
    "/settings/notifications": ("has not set up e-mail",),
    "/settings/security": ("Change the password",),
    "/settings/privacy": ("Export all data",),
    "/statistics": ("Nothing has finished in this time.",),
    "/workflows": ("Complete the WooCommerce setup",),
    "/people": ("owner@tea.example",),
    "/audit": ("Verify the chain",),
}


@pytest.mark.parametrize("address", EMPTY)
async def test_an_empty_page_says_what_to_do(owner: Person, address: str) -> None:
    await owner.open(address)
    await owner.sees(*EMPTY[address])


async def test_home_tells_what_needs_somebody_and_what_is_connected(owner: Person) -> None:
    await connect(owner, Product(1, "Earl Grey"))
    await owner.open("/")
    await owner.sees("1 shop connected", "1 thing needs you", "Read what it will do, and allow it or not.", "1 product")


async def test_who_only_looks_is_asked_for_nothing(owner: Person) -> None:
    await owner.become(Role.AUDITOR)
    await owner.open("/set-up?service=woocommerce")
    await owner.sees("one looks at setups, and asks for none")
    await owner.open("/shops")
    await owner.sees_nothing_of("Set up a service")


async def test_an_address_is_looked_at_and_an_empty_password_is_told(owner: Person) -> None:
    await owner.open("/set-up?service=woocommerce&operation=api_key_generation")
    owner.type("Shop address", owner.stage.store_url)
    await owner.sees("WooCommerce 11", "Set up WooCommerce")
    owner.type("User name", "admin")
    owner.press("Set up WooCommerce", "submit.prevent")
    await owner.sees("The sign-in is not complete. “Password” is empty.")


async def test_who_sets_up_what_is_being_set_up_is_led_to_that(owner: Person) -> None:
    begun = await owner.stage.begin()
    await owner.open(f"/set-up?service=woocommerce&operation=api_key_generation&store={owner.stage.store_url}")
    await owner.sees("Set up WooCommerce")
    owner.type("User name", "admin")
    owner.type("Password", "practice")
    owner.press("Set up WooCommerce", "submit.prevent")
    await owner.sees("A setup of this shop is already under way. Watch it, or stop it.")
    (to_it,) = owner.user.find(kind=ui.link, content="See that setup").elements
    assert to_it.props["href"] == f"/operations/{begun.id}"


async def test_what_waits_for_consent_can_be_stopped_after_a_yes(owner: Person) -> None:
    asked = await ask(owner)
    await owner.open(f"/operations/{asked.id}")
    await owner.sees("It waits for your consent", "Nothing is done before you allow it.")
    owner.press("Stop")
    await owner.sees("Stop this setup?")
    owner.press("Go on")
    await owner.sees_nothing_of("Stop this setup?")
    await owner.sees("It waits for your consent")
    owner.press("Stop")
    await owner.sees("Stop it")
    owner.press("Stop it")
    await owner.sees("It was stopped", "You stopped it.", "Nothing was left behind there.")


async def test_the_list_of_operations_is_filtered_by_its_address(owner: Person) -> None:
    await ask(owner)
    await owner.open("/operations")
    await owner.sees("WooCommerce at 127.0.0.1", "Needs your consent")
    await owner.open("/operations?status=failed")
    await owner.sees_nothing_of("WooCommerce at 127.0.0.1")


async def test_a_shop_is_forgotten_after_a_yes(owner: Person) -> None:
    await connect(owner, Product(1, "Earl Grey"))
    (waiting,) = (await owner.services.overview.look(owner.stage.visitor)).waiting
    await owner.services.operations.cancel(owner.stage.visitor, waiting.id, because="the test goes on")
    await owner.open("/shops")
    await owner.sees("Key ending in 1234567", "Check the connection every hour", "Off.")
    owner.press("Forget")
    await owner.sees("are deleted here, for good.")
    owner.press("Forget")
    await owner.sees("is forgotten here.")
    await owner.sees_nothing_of("Key ending in 1234567")


async def test_products_are_asked_for_in_plain_words(owner: Person) -> None:
    await connect(owner, Product(1, "Earl Grey", price_hundredths=1150), Product(2, "Teapot", price_hundredths=6400))
    await owner.open("/products?q=teapots+over+20")
    await owner.sees("1 product · read as: Products with “teapots”, at least 20.00, sorted by name", "Teapot")
    await owner.sees_nothing_of("Earl Grey")
    await owner.open("/products?q=zebra")
    await owner.sees("Nothing fits")


async def test_many_products_are_gone_through_page_by_page(owner: Person) -> None:
    await connect(owner, *(Product(number, f"Tea {number:03}") for number in range(1, 121)))
    await owner.open("/products?page=2")
    await owner.sees("120 products, 51 to 100", "Page 2 of 3", "Tea 051", "Before", "After")
    await owner.sees_nothing_of("Tea 050", "Tea 101")
    await owner.open("/products?page=99999")  # an old address: the last page is there
    await owner.sees("120 products, 101 to 120", "Page 3 of 3", "Tea 101", "Before")


async def test_a_consent_is_withdrawn_after_a_yes(owner: Person) -> None:
    await owner.services.consents.grant(owner.stage.visitor, ConsentRequest(*ASKED, owner.stage.store_url))
    await owner.open("/consents")
    await owner.sees("1 consent in force")
    owner.press("Withdraw")
    await owner.sees("Keep it")
    owner.press("Withdraw")
    await owner.sees("None is in force")


async def test_a_stored_secret_is_never_shown_and_is_deleted_after_a_yes(owner: Person) -> None:
    fields = {"admin_username": Secret("admin"), "admin_password": Secret(CANARY)}
    await owner.services.credentials.store(owner.stage.visitor, "woocommerce", owner.stage.store_url, fields)
    await owner.open("/settings/credentials")
    await owner.sees("Admin password · 127.0.0.1", "not used yet")
    await owner.sees_nothing_of(CANARY)
    owner.press("Delete")
    await owner.sees("It cannot be brought back.")
    owner.press("Delete")
    async with asyncio.timeout(10):
        while len(await owner.services.credentials.list(owner.stage.visitor)) == len(fields):
            pass  # it is asked anew: what was pressed is carried out in between
    assert [one.field for one in await owner.services.credentials.list(owner.stage.visitor)] == ["admin_password"]
    await owner.user.should_not_see("It cannot be brought back.", retries=20)


async def test_the_chain_is_verified_on_its_page(owner: Person) -> None:
    await ask(owner)
    await owner.open("/audit")
    owner.press("Verify the chain")
    await owner.sees("none changed and none missing")
    await owner.open("/audit?operation=00000000-0000-0000-0000-000000000000")
    await owner.sees("Nothing fits", "Remove filters")


@pytest.mark.parametrize(("days", "told"), [("1", "Last 1 day ·"), ("0", "Last 1 day ·"), ("7", "Last 7 days ·")])
async def test_days_are_counted_as_people_do(owner: Person, days: str, told: str) -> None:
    await owner.open(f"/statistics?days={days}")
    await owner.sees(told, f"none in the {'7 days' if days == '7' else 'day'} before")


async def test_workflows_are_searched(owner: Person) -> None:
    await owner.open("/workflows?q=zebra")
    await owner.sees("Nothing fits")


@pytest.mark.parametrize("address", ["/health", "/customers"])
async def test_what_is_for_staff_says_so(owner: Person, address: str) -> None:
    answer = await owner.user.http_client.get(address)
    assert (answer.status_code, "This is for staff" in answer.text) == (403, True)
    await owner.become(Role.OPERATOR)
    await owner.open(address)
    await owner.sees("Health" if address == "/health" else "Customers")


async def test_customers_are_on_pages_and_an_old_address_leads_to_the_last(owner: Person) -> None:
    await owner.become(Role.OPERATOR)
    for number in range(50):
        await owner.services.people.add_customer(f"Shop {number:03}")
    await owner.open("/customers?page=9")
    await owner.sees("51 customers, 51 to 51", "Page 2 of 2", "Tea Shop", "Before")
    await owner.sees_nothing_of("Shop 049", "After")
    await owner.open("/customers?q=SHOP+04")
    await owner.sees("10 customers", "Shop 049")
    await owner.sees_nothing_of("Shop 039", "Page 1")
    await owner.open("/customers?q=zebra")
    await owner.sees("Nobody fits", "All customers")


async def test_staff_see_the_operations_of_all_customers(owner: Person) -> None:
    await ask(owner)
    await owner.become(Role.OPERATOR)
    await owner.open("/operations")
    await owner.sees("Operations of all customers", "Tea Shop")
