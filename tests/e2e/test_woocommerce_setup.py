"""The setup of WooCommerce in a real browser. Autopilot learns its workflows from here."""

import re

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Store
from tests.e2e.woocommerce_admin import KEYS, find_the_keys_by_their_links, sign_in


def test_should_complete_woocommerce_setup_and_enable_product_search(
    page: Page, store: Store, store_url: str, username: str, password: str, key_description: str, key_permission: str
) -> None:
    """Complete the WooCommerce setup and enable product search."""
    # Open your shop's key form
    page.goto(f"{store_url}{KEYS}&create-key=1")
    expect(page.get_by_label("Username or Email Address")).to_be_visible()
    sign_in(page, username, password)
    if not page.locator("#key_description").is_visible():
        find_the_keys_by_their_links(page)
        # Begin a new key
        page.get_by_role("link", name="Add key").click()
        expect(page.locator("#key_description")).to_be_visible()
    # Name the key “{{key_description}}”
    page.get_by_label("Description").or_(page.locator("#key_description")).fill(key_description)
    # Choose what the key may do: {{key_permission}}
    page.locator("#key_permissions").select_option(key_permission)
    # Generate the key
    page.get_by_role("button", name="Generate API key").click()
    expect(page.locator(".wc-api-message.updated")).to_be_visible()
    # Read the consumer key
    consumer_key = page.locator("#key_consumer_key").input_value()
    # Read the consumer secret
    consumer_secret = page.locator("#key_consumer_secret").input_value()

    assert re.fullmatch(r"ck_[0-9a-f]{40}", consumer_key)
    assert re.fullmatch(r"cs_[0-9a-f]{40}", consumer_secret)
    everything = list_products(store_url, consumer_key, consumer_secret, "per_page=100")
    assert everything.status_code == 200
    assert int(everything.headers["X-WP-Total"]) == len(everything.json())
    if store.practice:
        assert len(everything.json()) == 47
        teapots = list_products(store_url, consumer_key, consumer_secret, "search=teapot").json()
        assert {product["name"] for product in teapots} == {"Cast Iron Teapot", "Glass Teapot", "Porcelain Teapot"}
        assert [key.permission for key in store.practice.keys] == [key_permission]


def test_should_revoke_the_woocommerce_api_key(
    page: Page, a_key_was_made: None, store: Store, store_url: str, username: str, password: str, key_description: str
) -> None:
    """Revoke the API key of that name, if there is one."""
    # Open your shop's list of keys
    page.goto(f"{store_url}{KEYS}")
    expect(page.get_by_label("Username or Email Address")).to_be_visible()
    sign_in(page, username, password)
    if not page.get_by_role("heading", name="REST API").is_visible():
        find_the_keys_by_their_links(page)
    if page.locator("#the-list tr").filter(has_text=key_description).is_visible():
        # Point at the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).hover()
        # Revoke the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).get_by_role("link", name="Revoke API key").click()
        expect(page.get_by_text("1 API key permanently revoked.")).to_be_visible()

    expect(page.locator("#the-list tr").filter(has_text=key_description)).to_be_hidden()
    if store.practice:
        assert not store.practice.keys


def list_products(store_url: str, consumer_key: str, consumer_secret: str, query: str) -> httpx.Response:
    """Ask the shop's API with a key, as WooCommerce wants it: signed over http, Basic over https."""
    address = f"{store_url}/wp-json/wc/v3/products?{query}"
    if address.startswith("https://"):
        return httpx.get(address, auth=(consumer_key, consumer_secret))
    signed, headers, _ = Client(
        consumer_key, client_secret=consumer_secret, signature_method=SIGNATURE_HMAC_SHA256
    ).sign(address)
    return httpx.get(signed, headers=headers)
