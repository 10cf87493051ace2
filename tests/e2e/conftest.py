"""A shop to test against: the practice shop, or a real one whose address is in E2E_STORE_URL."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from app.practice_shop.faults import Fault
from app.practice_shop.serving import serve_in_thread
from app.practice_shop.shop import PracticeShop
from core.browser.find_browser import find_browser

REAL = os.environ.get("E2E_STORE_URL")


@dataclass(frozen=True)
class Store:
    """The shop under test, and who signs in there."""

    store_url: str
    username: str
    password: str
    practice: PracticeShop | None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, playwright) -> dict:  # type: ignore[no-untyped-def, type-arg]  # pytest-playwright's own
    """Whatever Chromium is installed here."""
    explicit = os.environ.get("AUTOPILOT_CHROMIUM")
    found = find_browser(Path(playwright.chromium.executable_path), Path(explicit) if explicit else None)
    chosen = {"executable_path": found.executable, "channel": found.channel}
    return browser_type_launch_args | {name: value for name, value in chosen.items() if value}


@pytest.fixture(params=[(), (Fault.INTERSTITIAL,), (Fault.OLD_VERSION,), (Fault.DIALOG,)], ids=str)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The practice shop as it is, and with what a test should survive; or the real shop."""
    if REAL:
        yield Store(REAL, os.environ["E2E_STORE_USERNAME"], os.environ["E2E_STORE_PASSWORD"], None)
        return
    shop = PracticeShop(faults=request.param)
    with serve_in_thread(shop) as address:
        yield Store(address, "admin", shop.password_of("admin"), shop)


@pytest.fixture
def store_url(store: Store) -> str:
    return store.store_url


@pytest.fixture
def username(store: Store) -> str:
    return store.username


@pytest.fixture
def password(store: Store) -> str:
    return store.password


@pytest.fixture
def key_description() -> str:
    return f"E2E {uuid4().hex[:8]}"


@pytest.fixture
def key_permission() -> str:
    return "read"


@pytest.fixture
def a_key_was_made(store: Store, key_description: str) -> None:
    """A key of that name is in the practice shop; in a real shop there is none, and the way finds nothing to do."""
    if store.practice:
        store.practice.make_key(key_description, store.username, "read")
