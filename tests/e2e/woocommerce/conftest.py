"""A shop to test against: the practice shop, or a real one whose address is in E2E_STORE_URL."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from tests.e2e.conftest import stranger
from tests.e2e.woocommerce.admin import make_a_key, revoke_the_key

REAL = os.environ.get("E2E_STORE_URL", "").rstrip("/")
SURVIVED = [(), (Fault.OLD_VERSION,), (Fault.DIALOG, Fault.LATE_NOTICE), (Fault.GERMAN, Fault.INTERSTITIAL)]


@dataclass(frozen=True)
class Store:
    """The shop under test, and who signs in there."""

    store_url: str
    username: str
    password: str
    practice: PracticeShop | None


@pytest.fixture(params=["real"] if REAL else SURVIVED, ids=str)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The practice shop as it is, and with what a test should survive; or the real shop, once, as it is."""
    if REAL:
        yield Store(REAL, os.environ["E2E_STORE_USERNAME"], os.environ["E2E_STORE_PASSWORD"], None)
        return
    shop = PracticeShop(faults=request.param)
    with serve_in_thread(shop) as address:
        yield Store(address, "admin", shop.password_of("admin"), shop)


@pytest.fixture
def account(store: Store) -> Store:
    """Who signs in, as the tests of every service call it."""
    return store


@pytest.fixture
def key_description(browser: Browser, store: Store) -> Iterator[str]:
    """A name that no other key has. In a real shop the key that got it is revoked afterwards, however the test ended."""
    description = f"E2E {uuid4().hex[:8]}"
    yield description
    if not store.practice:
        with stranger(browser) as page:
            revoke_the_key(page, store.store_url, store.username, store.password, description)
            expect(page.locator("#the-list tr").filter(has_text=description)).to_be_hidden()


@pytest.fixture
def key_permission() -> str:
    return "read"


@pytest.fixture
def a_key_was_made(browser: Browser, store: Store, key_description: str, key_permission: str) -> None:
    """A key of that name is in the shop; in a real one it is made as a person makes it."""
    if store.practice:
        store.practice.make_key(key_description, store.username, key_permission)
        return
    with stranger(browser) as page:
        make_a_key(page, store.store_url, store.username, store.password, key_description, key_permission)
        expect(page.locator("#key_consumer_key")).to_have_value(re.compile("^ck_"))
