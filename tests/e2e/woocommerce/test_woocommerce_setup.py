"""The setup of WooCommerce in a real browser. Autopilot learns its workflows from here."""

import re

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from playwright.sync_api import Page, expect

from tests.e2e.woocommerce.admin import make_a_key, revoke_the_key
from tests.e2e.woocommerce.conftest import Store


def test_should_complete_woocommerce_setup_and_enable_product_search(
    page: Page, store: Store, store_url: str, username: str, password: str, key_description: str, key_permission: str
) -> None:
    """Complete the WooCommerce setup and enable product search."""
    make_a_key(page, store_url, username, password, key_description, key_permission)
    # Read the consumer key
    consumer_key = page.locator("#key_consumer_key").input_value()
    # Read the consumer secret
    consumer_secret = page.locator("#key_consumer_secret").input_value()

    assert re.fullmatch(r"ck_[0-9a-f]{40}", consumer_key)
    assert re.fullmatch(r"cs_[0-9a-f]{40}", consumer_secret)
    everything = list_products(store_url, consumer_key, consumer_secret, "per_page=100")
    assert everything.status_code == 200
    assert len(everything.json()) == min(100, int(everything.headers["X-WP-Total"]))
    if store.practice:
        assert len(everything.json()) == 47
        teapots = list_products(store_url, consumer_key, consumer_secret, "search=teapot").json()
        assert {product["name"] for product in teapots} == {"Cast Iron Teapot", "Glass Teapot", "Porcelain Teapot"}
        assert [key.permission for key in store.practice.keys] == [key_permission]


def test_should_revoke_the_woocommerce_api_key(
    page: Page, a_key_was_made: None, store: Store, store_url: str, username: str, password: str, key_description: str
) -> None:
    """Revoke the API key of that name, if there is one."""
    revoke_the_key(page, store_url, username, password, key_description)
    # See that the key “{{key_description}}” is gone
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
