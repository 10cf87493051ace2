"""A WordPress to test against: one that is started here, or one whose address is in E2E_WORDPRESS_URL."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from scripts.real.site import Site
from tests.e2e.conftest import stranger
from tests.e2e.wordpress.admin import make_a_password, revoke_the_password
from tests.real.sites import wordpress_of

ELSEWHERE = os.environ.get("E2E_WORDPRESS_URL", "").rstrip("/")


@dataclass(frozen=True)
class Visit:
    """Who signs in, and whether the page comes up that asks administrators whether their e-mail address still holds."""

    username: str
    is_asked_for_the_email: bool = False

    def __str__(self) -> str:
        return f"{self.username}{' asked for the e-mail' if self.is_asked_for_the_email else ''}"


@dataclass(frozen=True)
class Account:
    """The WordPress under test, and who signs in there."""

    store_url: str
    username: str
    password: str
    site: Site | None


HERE = [Visit("admin", is_asked_for_the_email=True), Visit("editor")]


@pytest.fixture(params=["elsewhere"] if ELSEWHERE else HERE, ids=str)
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """A user of the WordPress of this session; or one of that elsewhere, once, as it is."""
    if ELSEWHERE:
        username, password = os.environ["E2E_WORDPRESS_USERNAME"], os.environ["E2E_WORDPRESS_PASSWORD"]
        yield Account(ELSEWHERE, username, password, None)
        return
    visit, site = request.param, wordpress_of(request.config)
    if visit.is_asked_for_the_email:
        site.ask_for_the_email()
    yield Account(site.url, visit.username, site.password_of(visit.username), site)
    site.remove_application_passwords(visit.username)


@pytest.fixture
def key_description(browser: Browser, account: Account) -> Iterator[str]:
    """A name that no other password has. Elsewhere the one that got it is revoked afterwards, however the test ended."""
    description = f"E2E {uuid4().hex[:8]}"
    yield description
    if not account.site:
        with stranger(browser) as page:
            revoke_the_password(page, account.store_url, account.username, account.password, description)
            expect(page.locator("#application-passwords-section tr").filter(has_text=description)).to_be_hidden()


@pytest.fixture
def a_password_was_made(browser: Browser, account: Account, key_description: str) -> str:
    """An application password of that name; elsewhere it is made as a person makes it."""
    if account.site:
        return account.site.make_application_password(account.username, key_description)
    with stranger(browser) as page:
        make_a_password(page, account.store_url, account.username, account.password, key_description)
        return page.locator("#new-application-password-value").input_value()
