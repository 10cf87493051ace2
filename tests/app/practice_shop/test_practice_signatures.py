"""Who the practice shop's API lets in: OAuth 1.0a over http, Basic over https, and everybody else in the exact words."""

import hmac
from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from oauthlib.oauth1 import (
    SIGNATURE_HMAC_SHA1,
    SIGNATURE_HMAC_SHA256,
    SIGNATURE_PLAINTEXT,
    SIGNATURE_TYPE_AUTH_HEADER,
    SIGNATURE_TYPE_QUERY,
)

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import OVER_HTTPS, PRODUCTS, app_with_key, refusal, stamp
from tests.fakes.clock import MovedClock

NOT_KNOWN = "woocommerce_rest_authentication_error"
NOBODY = (401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
MISSING = "woocommerce_rest_authentication_missing_parameter"
AWKWARD = f"{PRODUCTS}?search=cr%C3%A8me%20br%C3%BBl%C3%A9e%20%26%20%2B%3D&per_page=5&status=&_fields=id,name"


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256])
@pytest.mark.parametrize("place", [SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_AUTH_HEADER])
async def test_a_signature_opens_over_http(
    stranger: httpx.AsyncClient, shop: PracticeShop, method: str, place: str
) -> None:
    app = app_with_key(stranger, shop)
    for path in (PRODUCTS, f"{PRODUCTS}?per_page=5", AWKWARD):
        answer = await app.get(path, signature_method=method, signature_type=place)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("name", "digest"), [("HMAC-SHA1", "sha1"), ("HMAC-SHA256", "sha256")])
async def test_a_signature_made_by_hand_opens_too(
    stranger: httpx.AsyncClient, shop: PracticeShop, name: str, digest: str
) -> None:
    key = shop.make_key("By hand", "admin", "read")
    sent = {
        "oauth_consumer_key": key.consumer_key,
        "oauth_nonce": "n",
        "oauth_signature_method": name,
        "oauth_timestamp": stamp(shop.clock.now()),
        "search": "tea & <cake>",
    }
    pairs = "&".join(f"{quote(field, safe='')}={quote(value, safe='')}" for field, value in sorted(sent.items()))
    address = f"{stranger.base_url}".rstrip("/") + PRODUCTS
    base = "&".join(("GET", quote(address, safe=""), quote(pairs, safe="")))
    signature = hmac.new(f"{key.consumer_secret}&".encode(), base.encode(), digest).digest()
    answer = await stranger.get(PRODUCTS, params=sent | {"oauth_signature": b64encode(signature).decode()})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("place", [SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_AUTH_HEADER])
async def test_a_wrong_secret_does_not_sign(stranger: httpx.AsyncClient, shop: PracticeShop, place: str) -> None:
    answer = await app_with_key(stranger, shop).get(client_secret="cs_" + "0" * 40, signature_type=place)
    assert refusal(answer) == (401, NOT_KNOWN, "Invalid signature - provided signature does not match.")


async def test_what_is_signed_can_not_be_changed_on_the_way(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    address, headers = app_with_key(stranger, shop).signed(f"{PRODUCTS}?per_page=5")
    for changed in (
        address.replace("per_page=5", "per_page=6"),
        f"{address}&page=2",
        address.replace("/products", "/system_status"),
    ):
        words = refusal(await stranger.get(changed, headers=headers))
        assert words == (401, NOT_KNOWN, "Invalid signature - provided signature does not match.")
    assert (await stranger.get(address, headers=headers)).status_code == 200


async def test_an_unknown_or_revoked_key_is_nobodys(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(stranger, shop)
    assert (await app.get()).status_code == 200
    shop.revoke_key(app.key.record.id)
    assert refusal(await app.get()) == (401, NOT_KNOWN, "Consumer key is invalid.")
    assert refusal(await stranger.get(PRODUCTS, headers=OVER_HTTPS | app.basic())) == NOBODY


@pytest.mark.parametrize(("minutes", "opens"), [(-15.5, False), (-14.5, True), (14.5, True), (15.5, False)])
async def test_a_timestamp_is_good_for_a_quarter_of_an_hour(
    stranger: httpx.AsyncClient, shop: PracticeShop, minutes: float, opens: bool
) -> None:
    shop.clock = MovedClock()
    answer = await app_with_key(stranger, shop).get(
        timestamp=stamp(shop.clock.now() + timedelta(minutes=minutes)), nonce="n"
    )
    assert (answer.status_code == 200) == opens
    if not opens:
        assert refusal(answer) == (401, NOT_KNOWN, "Invalid timestamp.")


async def test_a_nonce_is_good_once_for_each_key(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    app, other = app_with_key(stranger, shop), app_with_key(stranger, shop)
    assert (await app.get(nonce="once")).status_code == 200
    used = (401, NOT_KNOWN, "Invalid nonce - nonce has already been used.")
    assert refusal(await app.get(nonce="once")) == used
    assert refusal(await app.get(f"{PRODUCTS}?page=2", nonce="once")) == used
    assert (await other.get(nonce="once")).status_code == 200


async def test_a_refused_signature_does_not_use_its_nonce_up(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(stranger, shop)
    assert (await app.get(nonce="n", client_secret="wrong")).status_code == 401
    assert (await app.get(nonce="n")).status_code == 200


async def test_missing_parameters_are_named(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    key = shop.make_key("App", "admin", "read").consumer_key
    one = {name: "x" for name in ("oauth_timestamp", "oauth_nonce", "oauth_signature")} | {"oauth_consumer_key": key}
    answer = await stranger.get(PRODUCTS, params=one)
    assert refusal(answer) == (401, MISSING, "Missing OAuth parameter oauth_signature_method")
    answer = await stranger.get(
        PRODUCTS, headers={"Authorization": f'OAuth oauth_consumer_key="{key}",oauth_nonce="n"'}
    )
    assert refusal(answer) == (
        401,
        MISSING,
        "Missing OAuth parameters oauth_timestamp, oauth_signature, oauth_signature_method",
    )


async def test_another_method_than_hmac_is_refused(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    answer = await app_with_key(stranger, shop).get(signature_method=SIGNATURE_PLAINTEXT)
    assert refusal(answer) == (401, NOT_KNOWN, "Invalid signature - signature method is invalid.")


async def test_over_http_a_secret_in_plain_opens_nothing(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(stranger, shop)
    pair = {"consumer_key": app.key.consumer_key, "consumer_secret": app.key.consumer_secret}
    answers = (
        await stranger.get(PRODUCTS),
        await stranger.get(PRODUCTS, headers=app.basic()),
        await stranger.get(PRODUCTS, params=pair),
    )
    for answer in answers:
        assert answer.json() == {
            "code": "woocommerce_rest_cannot_view",
            "message": "Sorry, you cannot list resources.",
            "data": {"status": 401},
        }
    assert shop.keys[0].last_access is None


async def test_over_https_basic_and_the_query_open(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    app = app_with_key(stranger, shop)
    pair = {"consumer_key": app.key.consumer_key, "consumer_secret": app.key.consumer_secret}
    basic = await stranger.get(PRODUCTS, headers=OVER_HTTPS | app.basic())
    query = await stranger.get(PRODUCTS, headers=OVER_HTTPS, params=pair)
    assert (basic.status_code, query.status_code) == (200, 200)
    assert basic.json()[0]["permalink"].startswith("https://")


async def test_over_https_a_wrong_secret_is_refused(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    answer = await stranger.get(PRODUCTS, headers=OVER_HTTPS | app_with_key(stranger, shop).basic("cs_wrong"))
    assert refusal(answer) == (401, NOT_KNOWN, "Consumer secret is invalid.")


async def test_a_header_that_says_nothing_is_nobodys(stranger: httpx.AsyncClient) -> None:
    for header in ("Basic !!!", "Basic /w==", "Bearer x", "Basic", "OAuth", "OAuth ,,="):
        assert refusal(await stranger.get(PRODUCTS, headers=OVER_HTTPS | {"Authorization": header})) == NOBODY, header


@pytest.mark.parametrize(
    ("permission", "reads", "writes"), [("read", True, False), ("write", False, True), ("read_write", True, True)]
)
async def test_a_key_does_what_it_may_and_no_more(
    stranger: httpx.AsyncClient, shop: PracticeShop, permission: str, reads: bool, writes: bool
) -> None:
    app = app_with_key(stranger, shop, permission)
    read, written = await app.get(), await app.send("POST", PRODUCTS, {"name": "Pocket Kettle"})
    assert (read.status_code, written.status_code) == (200 if reads else 401, 201 if writes else 401)
    for answer, may, kind in ((read, reads, "read"), (written, writes, "write")):
        if not may:
            assert refusal(answer) == (401, NOT_KNOWN, f"The API key provided does not have {kind} permissions.")
    assert len(shop.products) == 48 if writes else 47


async def test_a_subscribers_key_is_refused_by_role(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    answer = await app_with_key(stranger, shop, login="reader").get()
    assert refusal(answer) == (403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
