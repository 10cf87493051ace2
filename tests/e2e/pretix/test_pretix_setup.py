"""The setup of pretix in a real browser, on a real pretix. Autopilot learns its workflows from here."""

import httpx
from playwright.sync_api import Page, expect

from core.integrations.pretix.key import token_in
from core.security.secret import Secret
from tests.e2e.pretix.admin import make_a_token, revoke_the_token
from tests.e2e.pretix.conftest import Account


def test_should_create_a_pretix_api_token(
    page: Page, account: Account, store_url: str, username: str, password: str, key_description: str
) -> None:
    """Create an API token that signs in to pretix's API."""
    make_a_token(page, store_url, username, password, key_description)
    # Read the API token
    api_token = page.locator(".alert-success").inner_text()

    assert organizers(store_url, token_in(Secret(api_token))).json()["count"] == 1
    if account.site:
        assert account.site.tokens() == [key_description]


def test_should_revoke_the_pretix_api_token(
    page: Page,
    a_token_was_made: Secret,
    account: Account,
    store_url: str,
    username: str,
    password: str,
    key_description: str,
) -> None:
    """Revoke the API token of that name, if there is one."""
    revoke_the_token(page, store_url, username, password, key_description)
    # See that the token “{{key_description}}” is revoked
    expect(page.locator("tr").filter(has_text=key_description).locator("button[name=remove-token]")).to_be_hidden()
    assert organizers(store_url, a_token_was_made).status_code == 401
    if account.site:
        assert account.site.tokens() == []


def organizers(store_url: str, token: Secret) -> httpx.Response:
    """Ask the API for what the token may see."""
    return httpx.get(f"{store_url}/api/v1/organizers/", headers={"Authorization": f"Token {token.reveal()}"})
