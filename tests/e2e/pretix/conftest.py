"""A pretix to test against: one that is started here, or one whose address is in E2E_PRETIX_URL."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from core.integrations.pretix.key import token_in
from core.security.secret import Secret
from scripts.real.pretix import GERMAN_OWNER, OWNER
from scripts.real.pretix_site import PretixSite
from tests.e2e.conftest import stranger
from tests.e2e.pretix.admin import make_a_token, revoke_the_token
from tests.real.sites import pretix_of

ELSEWHERE = os.environ.get("E2E_PRETIX_URL", "").rstrip("/")


@dataclass(frozen=True)
class Account:
    """The pretix under test, and who signs in there."""

    store_url: str
    username: str
    password: str
    site: PretixSite | None


@pytest.fixture(params=["elsewhere"] if ELSEWHERE else [OWNER, GERMAN_OWNER])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """A user of the pretix of this session, in one language and another; or one of that elsewhere."""
    if ELSEWHERE:
        username, password = os.environ["E2E_PRETIX_USERNAME"], os.environ["E2E_PRETIX_PASSWORD"]
        yield Account(ELSEWHERE, username, password, None)
        return
    site = pretix_of(request.config)
    yield Account(site.url, request.param, site.password_of(request.param), site)
    site.remove_tokens()


@pytest.fixture
def key_description(browser: Browser, account: Account) -> Iterator[str]:
    """A name that no other token has. Elsewhere the one that got it is revoked afterwards, however the test ended."""
    description = f"E2E {uuid4().hex[:8]}"
    yield description
    if not account.site:
        with stranger(browser) as page:
            revoke_the_token(page, account.store_url, account.username, account.password, description)


@pytest.fixture
def a_token_was_made(browser: Browser, account: Account, key_description: str) -> Secret:
    """An API token of that name; elsewhere it is made as a person makes it."""
    if account.site:
        return Secret(account.site.make_token(key_description))
    with stranger(browser) as page:
        make_a_token(page, account.store_url, account.username, account.password, key_description)
        return token_in(Secret(page.locator(".alert-success").inner_text()))
