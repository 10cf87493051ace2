"""An app asks the practice shop for a key, as the real one is asked: who may approve, what is sent where, and what stays."""

import json
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import KEYS, links_named, sign_in
from tests.fakes.web import Answer, Web, serving

ASK = {
    "app_name": "Till & Co <b>",
    "user_id": "state-4711",
    "return_url": "https://till.example/back?tab=1",
    "callback_url": "https://till.example/keys",
    "scope": "read",
}


def at(place: str = "authorize", **changed: str) -> str:
    """The address that an app sends somebody to."""
    return f"/wc-auth/v1/{place}?{urlencode(ASK | changed)}"


@pytest.fixture
async def till() -> AsyncIterator[Web]:
    """An app that takes keys."""
    async with serving() as app:
        app.pages["/keys"] = Answer("{}")
        yield app


async def approved(visitor: httpx.AsyncClient, callback: str, scope: str = "read") -> httpx.Response:
    """Approve on the page."""
    page = await visitor.get(at(callback_url=callback, scope=scope))
    (to,) = links_named(page.text, "Approve")
    return await visitor.get(to)


async def test_whoever_is_signed_out_signs_in_there_and_comes_to_the_question(
    stranger: httpx.AsyncClient, shop: PracticeShop
) -> None:
    sent = await stranger.get(at())
    assert (sent.status_code, urlsplit(sent.headers["location"]).path) == (302, "/wc-auth/v1/login")
    page = await stranger.get(sent.headers["location"])
    assert "“Till &amp; Co &lt;b&gt;” asks for a key to this shop" in page.text
    assert links_named(page.text, "go back to Till & Co <b>") == [
        "https://till.example/back?tab=1&success=0&user_id=state-4711"
    ]
    form = {"username": "admin", "password": "wrong", "redirect": at()}
    refused = await stranger.post(sent.headers["location"], data=form)
    assert "The username or password you entered is incorrect." in refused.text
    signed_in = await stranger.post(
        sent.headers["location"], data=form | {"password": shop.password_of("admin"), "redirect": at()}
    )
    assert (signed_in.status_code, signed_in.headers["location"]) == (302, at())
    assert (await stranger.get(at("login"))).headers["location"] == at()


async def test_the_question_says_what_is_asked_for_and_deny_leads_back(admin: httpx.AsyncClient) -> None:
    page = unescape((await admin.get(at(scope="read_write"))).text)
    for told in ("Read/Write", "See and change products", "sent to <strong>till.example</strong>"):
        assert told in page
    assert "You are admin." in page
    assert links_named(page, "Deny") == ["https://till.example/back?tab=1&success=0&user_id=state-4711"]


@pytest.mark.parametrize("scope", ["read", "write", "read_write"])
@pytest.mark.parametrize("login", ["admin", "manager"])
async def test_approving_makes_a_key_and_sends_it(
    stranger: httpx.AsyncClient, shop: PracticeShop, till: Web, scope: str, login: str
) -> None:
    await sign_in(stranger, shop, login)
    back = await approved(stranger, f"{till.origin}/keys", scope)
    assert back.status_code == 302
    assert back.headers["location"] == "https://till.example/back?tab=1&success=1&user_id=state-4711"
    [key], [body] = shop.keys, till.bodies
    sent = json.loads(body)
    assert sent == {
        "key_id": key.id,
        "user_id": "state-4711",
        "consumer_key": sent["consumer_key"],
        "consumer_secret": shop.keyring.secret_of(key),
        "key_permissions": scope,
    }
    assert sent["consumer_key"].endswith(key.truncated)
    assert (key.permission, key.login) == (scope, login)
    assert key.description.startswith("Till & Co <b> - API (20")


async def test_the_key_is_in_the_list_under_the_apps_name(
    admin: httpx.AsyncClient, shop: PracticeShop, till: Web
) -> None:
    await approved(admin, f"{till.origin}/keys")
    assert links_named((await admin.get(KEYS)).text, shop.keys[0].description)


@pytest.mark.parametrize("answers", [404, 201, 500, None])
async def test_a_key_that_is_not_taken_is_deleted_again(
    admin: httpx.AsyncClient, shop: PracticeShop, till: Web, answers: int | None
) -> None:
    callback = f"{till.origin}/keys"
    if answers is None:
        callback = "http://127.0.0.1:9/keys"  # nobody listens there
    else:
        till.pages["/keys"] = Answer("no", answers)
    ended = await approved(admin, callback)
    assert (ended.status_code, shop.keys) == (401, ())
    assert "Error:" in ended.text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"app_name": ""}, "Missing parameter app_name"),
        ({"user_id": ""}, "Missing parameter user_id"),
        ({"scope": "all"}, "Invalid scope all"),
        ({"return_url": "nowhere"}, "The nowhere is not a valid URL"),
        ({"callback_url": "https://[x"}, "The https://[x is not a valid URL"),
        ({"callback_url": "http://till.example/keys"}, "The callback_url needs to be over SSL"),
        ({"callback_url": "http://10.0.0.1/keys"}, "The callback_url needs to be over SSL"),
        ({"callback_url": "ftp://127.0.0.1/keys"}, "The callback_url needs to be over SSL"),
    ],
)
async def test_what_can_not_be_asked_for_is_refused(
    admin: httpx.AsyncClient, shop: PracticeShop, changed: dict[str, str], why: str
) -> None:
    for place in ("authorize", "login", "access_granted"):
        ended = await admin.get(at(place, **changed))
        assert (ended.status_code, f"Error: {why}." in ended.text) == (401, True)
    assert (await admin.post(at("login", **changed))).status_code == 401
    assert shop.keys == ()


async def test_who_may_not_manage_the_shop_may_not_approve(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    await sign_in(stranger, shop, "reader")
    for place in ("authorize", "access_granted", "elsewhere"):
        ended = await stranger.get(at(place))
        assert (ended.status_code, "may not give keys out" in ended.text) == (401, True)
    assert shop.keys == ()


async def test_nothing_is_approved_by_another_site(admin: httpx.AsyncClient, shop: PracticeShop, till: Web) -> None:
    """The link to approve carries a nonce of the person who was asked."""
    for nonce in ("", "0123456789"):
        ended = await admin.get(at("access_granted", callback_url=f"{till.origin}/keys", wc_auth_nonce=nonce))
        assert (ended.status_code, "Invalid nonce verification" in ended.text) == (401, True)
    assert (shop.keys, till.bodies) == ((), [])
