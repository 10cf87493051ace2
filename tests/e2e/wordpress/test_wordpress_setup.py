"""The setup of WordPress in a real browser, on a real WordPress. Autopilot learns its workflows from here."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.wordpress.admin import make_a_password, revoke_the_password
from tests.e2e.wordpress.conftest import Account


def test_should_create_a_wordpress_application_password(
    page: Page, account: Account, store_url: str, username: str, password: str, key_description: str
) -> None:
    """Create an application password that signs in to WordPress's API."""
    make_a_password(page, store_url, username, password, key_description)
    # Read the application password
    application_password = page.locator("#new-application-password-value").input_value()

    assert re.fullmatch(r"([A-Za-z0-9]{4} ?){6}", application_password)
    me = who_it_is(store_url, username, application_password)
    assert me.status_code == 200
    assert username in {me.json()["username"], me.json()["email"]}
    if account.site:
        assert account.site.application_passwords(username) == [key_description]


def test_should_revoke_the_wordpress_application_password(
    page: Page,
    a_password_was_made: str,
    account: Account,
    store_url: str,
    username: str,
    password: str,
    key_description: str,
) -> None:
    """Revoke the application password of that name, if there is one."""
    revoke_the_password(page, store_url, username, password, key_description)
    # See that the password “{{key_description}}” is gone
    expect(page.locator("#application-passwords-section tr").filter(has_text=key_description)).to_be_hidden()
    assert who_it_is(store_url, username, a_password_was_made).status_code == 401
    if account.site:
        assert account.site.application_passwords(username) == []


def who_it_is(store_url: str, username: str, application_password: str) -> httpx.Response:
    """Ask the site's API who signs in with this password."""
    return httpx.get(f"{store_url}/wp-json/wp/v2/users/me?context=edit", auth=(username, application_password))
