"""The browser of the tests that workflows are learnt from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import browser_of


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, playwright) -> dict:  # type: ignore[no-untyped-def, type-arg]  # pytest-playwright's own
    """Whatever Chromium is installed here."""
    found = browser_of(playwright)
    chosen = {"executable_path": found.executable, "channel": found.channel}
    return browser_type_launch_args | {name: value for name, value in chosen.items() if value}


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
