"""The shop's API is called with a signature or over TLS, and whatever it answers, there are products or a sentence."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path

import pytest

from app.practice_shop.shop import PracticeShop
from core.agents.keys import Key
from core.integrations import calling
from core.integrations.calling import ShopApiRefused, ShopApiUnreachable
from core.integrations.woocommerce.api import WooCommerceApi
from core.integrations.woocommerce.key import CONSUMER_KEY, CONSUMER_SECRET, KEY
from core.security.origin import Origin
from core.security.secret import Secret
from tests.core.integrations.woocommerce.certificate import self_signed
from tests.core.integrations.woocommerce.conftest import ANY_KEY, ApiOf, key_of
from tests.fakes.raw_web import Saying, listening, never_ends, says, stops_in_the_middle
from tests.fakes.web import Answer, serving

TOTAL = "X-WP-Total: 1"
NO_LIST = "It answered with something other than a list of products."


async def test_products_come_in_pages_in_the_order_of_their_ids(
    shop: PracticeShop, origin: Origin, api_of: ApiOf
) -> None:
    api = await api_of(origin, key_of(shop))
    first, second = await api.page(1, 40), await api.page(2, 40)
    ids = [product.remote_id for product in (*first.products, *second.products)]
    assert (len(first.products), len(second.products), first.total, second.total) == (40, 7, 47, 47)
    assert ids == sorted(ids)
    assert len(set(ids)) == 47


async def test_the_gaps_of_a_real_shop_are_gaps_and_its_names_are_words(
    shop: PracticeShop, origin: Origin, api_of: ApiOf
) -> None:
    everything = await (await api_of(origin, key_of(shop))).page(1, 100)
    by_id = {product.remote_id: product for product in everything.products}
    names = {by_id[number].name for number in (146, 203, 206, 212, 215, 218, 230)}
    assert names == {
        "Ginger & Lemon",
        "抹茶 Matcha, ceremonial grade",
        "شاي بالنعناع Mint Tea",
        "Чай Иван-чай",
        "Tea Lover’s Gift 🎁",  # noqa: RUF001  as the shop writes it
        "Limited Spring Harvest",
        "Tea <3 Cake",
    }
    assert (by_id[233].price_hundredths, by_id[236].image_url, by_id[113].sku) == (None, None, None)
    assert (by_id[113].price_hundredths, by_id[113].total_sales, by_id[113].kind) == (1150, 4210, "variable")
    assert by_id[104].description == "Tastes of toast and hay."
    assert by_id[101].categories == ("Tea & Infusions",)
    assert by_id[101].page_url == f"{origin}/product/sencha/"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (ANY_KEY, "It said 401: Consumer key is invalid."),
        (None, "It said 401: Invalid signature - provided signature does not match."),
    ],
    ids=["unknown key", "wrong secret"],
)
async def test_a_refusal_is_told_in_the_shops_words(
    shop: PracticeShop, origin: Origin, api_of: ApiOf, key: Key | None, words: str
) -> None:
    right = key_of(shop)
    with pytest.raises(ShopApiRefused) as refused:
        await (await api_of(origin, key or {**right, "consumer_secret": Secret("cs_wrong")})).page(1, 100)
    assert refused.value.because == words


async def test_a_key_that_may_not_read_is_refused(shop: PracticeShop, origin: Origin, api_of: ApiOf) -> None:
    with pytest.raises(ShopApiRefused, match="does not have read permissions"):
        await (await api_of(origin, key_of(shop, "write"))).page(1, 100)


def test_a_keys_hint_is_its_end_and_printing_it_shows_nothing() -> None:
    assert (KEY.hint(ANY_KEY), KEY.masked(ANY_KEY)) == ("aaaaaaa", "ck_…aaaaaaa")
    assert "aaa" not in repr(ANY_KEY)


@pytest.mark.parametrize(("permission", "can"), [("read", False), ("read_write", True)])
async def test_whether_a_key_can_change_something_is_what_the_shop_says(
    shop: PracticeShop, origin: Origin, api_of: ApiOf, permission: str, can: bool
) -> None:
    assert await (await api_of(origin, key_of(shop, permission))).can_write() is can


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "405 No", "302 Found"])
@pytest.mark.parametrize("body", [b"<h1>Blocked</h1>", b'{"code": "rest_no_route"}', b""], ids=["page", "code", "none"])
async def test_what_stands_in_front_of_a_shop_shows_nothing_of_a_key(api_of: ApiOf, status: str, body: bytes) -> None:
    async with listening(says(body, status)) as web:
        api = await api_of(web.origin)
        with pytest.raises(ShopApiRefused):
            await api.can_write()
        with pytest.raises(ShopApiRefused):
            await api.is_refused()


async def test_a_key_is_refused_once_it_is_revoked(shop: PracticeShop, origin: Origin, api_of: ApiOf) -> None:
    api = await api_of(origin, key_of(shop))
    assert not await api.is_refused()
    shop.revoke_key(shop.keys[0].id)
    assert await api.is_refused()


async def test_over_plain_http_the_secret_stays_here(api_of: ApiOf) -> None:
    async with listening(says(b"[]", "200 OK", "X-WP-Total: 0")) as web:
        await (await api_of(web.origin)).page(3, 100)
    line, *headers = web.heads[0].split("\r\n")
    sent = next(header for header in headers if header.lower().startswith("authorization: "))
    assert line == "GET /wp-json/wc/v3/products?per_page=100&page=3&orderby=id&order=asc HTTP/1.1"
    assert "OAuth " in sent
    assert 'oauth_signature_method="HMAC-SHA256"' in sent
    assert ANY_KEY[CONSUMER_SECRET].reveal() not in web.heads[0]
    assert "Basic" not in web.heads[0]


async def test_over_https_key_and_secret_are_sent_inside(
    api_of: ApiOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusting = self_signed(tmp_path)
    monkeypatch.setattr(calling, "trusted", lambda: trusting)
    async with listening(says(b"[]", "200 OK", "X-WP-Total: 0"), server) as web:
        assert (await (await api_of(web.origin)).page(1, 100)).total == 0
    pair = f"{ANY_KEY[CONSUMER_KEY].reveal()}:{ANY_KEY[CONSUMER_SECRET].reveal()}"
    assert f"authorization: Basic {b64encode(pair.encode()).decode()}\r\n" in web.heads[0].replace("Auth", "auth")
    assert "oauth_signature" not in web.heads[0]


async def test_a_shop_whose_certificate_nobody_vouches_for_gets_nothing(api_of: ApiOf, tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path)
    async with listening(says(b"[]"), server) as web:
        with pytest.raises(ShopApiUnreachable):
            await (await api_of(web.origin)).page(1, 100)
    assert web.heads == []


async def test_a_redirect_is_not_followed(api_of: ApiOf) -> None:
    async with serving() as web:
        elsewhere = Answer("[]", 302, headers=(("Location", f"{web.origin}/elsewhere"), ("X-WP-Total", "0")))
        web.pages["/wp-json/wc/v3/products"] = elsewhere
        with pytest.raises(ShopApiRefused, match="It said 302"):
            await (await api_of(web.origin)).page(1, 100)
        assert [line.split("?")[0] for line in web.requests] == ["GET /wp-json/wc/v3/products"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><p>Just a moment...",
        b"\xff\xfe\x00garbage",
        b"null",
        b'{"code": "rest_no_route"}',
        b'["words"]',
        b"[null]",
        b"[{}]",
        b'[{"id": "no number"}]',
        b'[{"id": -1}]',
        b'[{"id": 1e999}]',
        b'[{"id": 99999999999999999999}]',
        b"[" * 100_000,
        b'[{"id": 1}',
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
async def test_an_answer_that_is_no_list_of_products_is_said_to_be_none(api_of: ApiOf, body: bytes) -> None:
    async with listening(says(body, "200 OK", TOTAL)) as web:
        with pytest.raises(ShopApiRefused) as refused:
            await (await api_of(web.origin)).page(1, 100)
    assert refused.value.because == NO_LIST


@pytest.mark.parametrize("header", [[], ["X-WP-Total: many"], ["X-WP-Total: "]], ids=str)
async def test_a_list_without_a_total_is_not_believed(api_of: ApiOf, header: list[str]) -> None:
    async with listening(says(b"[]", "200 OK", *header)) as web:
        with pytest.raises(ShopApiRefused, match=NO_LIST):
            await (await api_of(web.origin)).page(1, 100)


@pytest.mark.parametrize("body", [b"<h1>Nginx</h1>", b"[]", b'"no"', b"[" * 100_000, b'{"message": 7}'], ids=len)
async def test_a_refusal_without_words_has_its_number(api_of: ApiOf, body: bytes) -> None:
    async with listening(says(body, "403 Forbidden")) as web:
        with pytest.raises(ShopApiRefused, match=r"It said 403: (no reason|7)"):
            await (await api_of(web.origin)).page(1, 100)


async def test_a_refusals_words_are_plain_and_short(api_of: ApiOf) -> None:
    body = json.dumps({"message": "<b>No</b>, " + "never " * 100}).encode()
    async with listening(says(body, "403 Forbidden")) as web:
        with pytest.raises(ShopApiRefused) as refused:
            await (await api_of(web.origin)).page(1, 100)
    assert refused.value.because.startswith("It said 403: No, never never")
    assert len(refused.value.because) < 250


async def test_an_answer_that_never_ends_is_cut_off(api_of: ApiOf) -> None:
    async with listening(never_ends) as web:
        with pytest.raises(ShopApiRefused, match="Its answer was too large"):
            await (await api_of(web.origin)).page(1, 100)


async def test_an_answer_that_never_comes_is_given_up(api_of: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "ENDS_WITHIN", 0.1)
    async with listening(stops_in_the_middle) as web:
        with pytest.raises(ShopApiUnreachable, match="It broke off: TimeoutError"):
            await (await api_of(web.origin)).page(1, 100)


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[")


async def babbles(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01 what?\r\n\r\n")


@pytest.mark.parametrize("say", [hangs_up, babbles, says(b"", "502 Bad Gateway"), says(b"", "504 Gateway Timeout")])
async def test_a_shop_that_does_not_answer_may_be_tried_again_and_nothing_is_told_of_the_key(
    api_of: ApiOf, say: Saying
) -> None:
    async with listening(say) as web:
        with pytest.raises(ShopApiUnreachable) as unreachable:
            await (await api_of(web.origin)).page(1, 100)
    assert unreachable.value.retry
    error = unreachable.value
    assert ANY_KEY[CONSUMER_KEY].reveal() not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


async def test_a_shop_that_is_gone_is_unreachable(api_of: ApiOf) -> None:
    async with listening(says(b"[]")) as web:
        api = await api_of(web.origin)
    with pytest.raises(ShopApiUnreachable):
        await api.page(1, 100)


async def test_calls_leave_by_the_runs_own_way_out(shop: PracticeShop, origin: Origin) -> None:
    with pytest.raises(ShopApiUnreachable):
        await WooCommerceApi(origin, key_of(shop), "http://127.0.0.1:9").page(1, 100)
    assert list(shop.requests) == []
