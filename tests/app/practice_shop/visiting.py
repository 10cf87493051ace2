"""Visitors of a practice shop: who signs in, what they send, and how an app calls the API with their key."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client
from playwright.async_api import Page, expect

from app.practice_shop.keyring import NewKey
from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.security.certificates import trusted

SETTINGS = "/wp-admin/admin.php?page=wc-settings"
KEYS = f"{SETTINGS}&tab=advanced&section=keys"
FORM = f"{KEYS}&create-key=1"
AJAX = "/wp-admin/admin-ajax.php"
PRODUCTS = "/wp-json/wc/v3/products"
OVER_HTTPS = {"X-Forwarded-Proto": "https"}


@asynccontextmanager
async def visited(shop: PracticeShop) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a shop; somebody who is not signed in there, and follows no redirect."""
    async with (
        serve(shop) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, verify=trusted()) as visitor,
    ):
        yield visitor


async def send_sign_in(visitor: httpx.AsyncClient, login: str, password: str, to: str = "") -> httpx.Response:
    """Send the sign-in form as it stands."""
    return await visitor.post("/wp-login.php", data={"log": login, "pwd": password, "redirect_to": to})


async def sign_in(visitor: httpx.AsyncClient, shop: PracticeShop, login: str = "admin") -> None:
    """Sign in as one of the shop's people."""
    answer = await send_sign_in(visitor, login, shop.password_of(login))
    assert answer.status_code == 302


async def sign_in_by_hand(page: Page, shop: PracticeShop, to: str = "/wp-admin/") -> None:
    """Open a page as somebody who is signed out, and sign in there as the shop's admin."""
    await page.goto(to)
    await page.get_by_label("Username or Email Address").fill("admin")
    await page.get_by_label("Password", exact=True).fill(shop.password_of("admin"))
    await page.get_by_role("button", name="Log In").click()
    await expect(page.locator("#wpadminbar")).to_be_visible()


async def nonce_of_form(visitor: httpx.AsyncClient, name: str = "nonce", form: str = FORM) -> str:
    """The nonce that the key form carries now; the search's is called `search-nonce`."""
    found = re.search(rf'data-{name}="([0-9a-f]{{10}})"', (await visitor.get(form)).text)
    assert found
    return found[1]


async def ask_for_key(visitor: httpx.AsyncClient, nonce: str, **changed: str) -> httpx.Response:
    """What the key form's script sends."""
    sent = {"description": "Till", "user": "1", "permissions": "read", "key_id": "0", **changed}
    return await visitor.post(AJAX, data={"action": "woocommerce_update_api_key", "security": nonce, **sent})


@dataclass(frozen=True)
class App:
    """Somebody's app, which calls the API with a key over http, signed."""

    visitor: httpx.AsyncClient
    key: NewKey

    def signed(self, path: str, **chosen: Any) -> tuple[str, dict[str, str]]:
        """Address and headers of a signed request; `chosen` is for the one who signs."""
        how = {"signature_method": SIGNATURE_HMAC_SHA256, "signature_type": SIGNATURE_TYPE_QUERY, **chosen}
        secret = how.pop("client_secret", self.key.consumer_secret)
        method = how.pop("http_method", "GET")
        signer = Client(self.key.consumer_key, client_secret=secret, **how)
        address, headers, _ = signer.sign(f"{self.visitor.base_url}".rstrip("/") + path, http_method=method)
        return address, dict(headers)

    async def get(self, path: str = PRODUCTS, **chosen: Any) -> httpx.Response:
        """Ask, signed."""
        address, headers = self.signed(path, **chosen)
        return await self.visitor.get(address, headers=headers)

    async def send(self, method: str, path: str, sent: object) -> httpx.Response:
        """Change something, signed."""
        address, headers = self.signed(path, http_method=method)
        return await self.visitor.request(method, address, headers=headers, json=sent)

    def basic(self, secret: str | None = None) -> dict[str, str]:
        """The header of Basic."""
        pair = f"{self.key.consumer_key}:{secret or self.key.consumer_secret}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}


def app_with_key(visitor: httpx.AsyncClient, shop: PracticeShop, permission: str = "read", login: str = "admin") -> App:
    """An app with a key of its own."""
    return App(visitor, shop.make_key("App", login, permission))


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal, whose body says the status once more."""
    body = answer.json()
    assert set(body) == {"code", "message", "data"}
    assert body["data"]["status"] == answer.status_code
    return answer.status_code, body["code"], body["message"]


def stamp(at: datetime) -> str:
    """A moment as OAuth writes it."""
    return str(int(at.timestamp()))


class _Links(HTMLParser):
    """Collects links: each by its words, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: str | None = None
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open, self._words = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.found.append((" ".join(self._words.split()), self._open))
            self._open = None


def links(text: str) -> list[tuple[str, str]]:
    """The links of a page or a part of it, in order: their words, and where they lead."""
    parser = _Links()
    parser.feed(text)
    return parser.found


def links_named(text: str, name: str) -> list[str]:
    """Where the links of this name lead, in order."""
    return [address for words, address in links(text) if words == name]
