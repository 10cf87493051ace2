"""The browser of the tests that workflows are learnt from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page

from app.settings import KNOWLEDGE_BASE
from core.workflows import knowledge_base
from tests.browser import browser_of
from tests.e2e.fingerprinting import Collector, collecting

SLOTS = ("key_description", "username", "store_url")  # what differs from run to run, and stands in what is seen


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, playwright) -> dict:  # type: ignore[no-untyped-def, type-arg]  # pytest-playwright's own
    """Whatever Chromium is installed here."""
    found = browser_of(playwright, that_people_have=True)
    chosen = {"executable_path": found.executable, "channel": found.channel}
    return browser_type_launch_args | {name: value for name, value in chosen.items() if value}


@pytest.fixture(scope="session")
def collector() -> Collector:
    """The fingerprints of this session."""
    return Collector.of(knowledge_base.from_file(KNOWLEDGE_BASE))


@pytest.fixture(autouse=True)
def looked_at(request: pytest.FixtureRequest, collector: Collector) -> Iterator[None]:
    """What a test does is seen: each element that it acts on is kept as it looked."""
    with collecting(collector, lambda: {name: str(request.node.funcargs.get(name, "")) for name in SLOTS}):
        yield


class SignsIn(Protocol):
    """A place under test, and who signs in there: what each service's `account` is."""

    @property
    def store_url(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...


@pytest.fixture
def store_url(account: SignsIn) -> str:
    return account.store_url


@pytest.fixture
def username(account: SignsIn) -> str:
    return account.username


@pytest.fixture
def password(account: SignsIn) -> str:
    return account.password


@contextmanager
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of its own: nobody is signed in there, and the test's page knows nothing of it."""
    page = browser.new_page()
    try:
        yield page
    finally:
        page.close()
