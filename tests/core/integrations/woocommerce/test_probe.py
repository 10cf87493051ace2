"""A look at a shop before anybody is asked for anything: is it there, is it WordPress, has it WooCommerce?"""

import json

import pytest

from app.practice_shop.serving import serve
from app.practice_shop.shop import WOOCOMMERCE, WORDPRESS, PracticeShop
from core.browser.egress import EgressProxy
from core.errors import CoreError
from core.integrations import looking
from core.integrations.calling import ShopApiRefused
from core.integrations.looking import NotThere
from core.integrations.woocommerce.probe import WooCommerceMissing, WooCommerceProbe
from core.integrations.wordpress.probe import NotWordPress
from core.security.addresses import AddressGuard, AddressRefused, InsecureAddress, ShopNotFound, SystemResolver
from core.security.origin import Origin
from tests.fakes.raw_web import Saying, listening, never_ends, says
from tests.fakes.resolver import FakeResolver
from tests.fakes.web import Answer, serving


async def look(origin: Origin) -> None:
    """Look at what was allowed for practice."""
    await WooCommerceProbe(AddressGuard(SystemResolver(), frozenset({origin.host_port})))(origin)


async def found(say: Saying) -> CoreError:
    """What is said of a site that answers like this."""
    async with listening(say) as web:
        with pytest.raises(CoreError) as missing:
            await look(web.origin)
    return missing.value


async def test_a_shop_is_recognised_by_one_question_without_an_account(shop: PracticeShop, origin: Origin) -> None:
    await look(origin)
    assert list(shop.requests) == ["GET /wp-json/"]
    assert shop.keys == ()


async def test_wordpress_without_woocommerce_is_told_what_to_install() -> None:
    async with serve(PracticeShop(woocommerce=False)) as address:
        with pytest.raises(WooCommerceMissing, match="Install and activate the plugin WooCommerce there"):
            await look(Origin.of(address))


async def test_another_site_is_not_wordpress() -> None:
    async with serve(PracticeShop(wordpress=False)) as address:
        with pytest.raises(NotWordPress, match="has no WordPress API at /wp-json/"):
            await look(Origin.of(address))


@pytest.mark.parametrize(
    "body", [b"", b"<h1>Hello</h1>", b"[]", b'"wc/v3"', b"{}", b'{"namespaces": "wc/v3"}', b"[" * 100_000], ids=len
)
async def test_what_says_anything_else_is_not_wordpress(body: bytes) -> None:
    assert isinstance(await found(says(body)), NotWordPress)


async def test_wordpress_that_names_no_known_part_has_no_woocommerce() -> None:
    body = json.dumps({"namespaces": ["wp/v2", None, {"wc/v3": 1}, "wc/v33"]}).encode()
    assert isinstance(await found(says(body)), WooCommerceMissing)


async def test_a_site_that_sends_us_elsewhere_is_not_followed_and_the_place_is_named() -> None:
    async with serving() as web:
        web.pages["/wp-json/"] = Answer(status=301, headers=(("Location", f"{web.origin}/shop/wp-json/"),))
        with pytest.raises(NotWordPress) as elsewhere:
            await look(web.origin)
        assert web.requests == ["GET /wp-json/ HTTP/1.1"]
    assert elsewhere.value.because == f"{web.origin} sends us to {web.origin}/shop/wp-json/. Use that address."


async def test_a_long_address_is_cut_short() -> None:
    error = await found(says(b"", "302 Found", f"Location: https://evil.example/{'a' * 5000}"))
    assert len(error.sentence) < 400


@pytest.mark.parametrize("say", [says(b"", "502 Bad Gateway"), says(b"", "504 Gateway Timeout")], ids=["502", "504"])
async def test_a_site_behind_which_nobody_answers_is_not_there(say: Saying) -> None:
    error = await found(say)
    assert isinstance(error, NotThere)
    assert error.retry


async def test_where_nobody_listens_there_is_no_shop() -> None:
    async with listening(says(b"")) as web:
        pass
    with pytest.raises(NotThere) as missing:
        await look(web.origin)
    assert missing.value.sentence == (
        f"Nobody answers at this address. {web.origin} does not answer. Is the address right?"
    )


async def test_an_answer_without_end_is_cut_off() -> None:
    assert isinstance(await found(never_ends), ShopApiRefused)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://tea.example", InsecureAddress),
        ("https://127.0.0.1", AddressRefused),
        ("https://inside.example", AddressRefused),
        ("https://nowhere.example", ShopNotFound),
    ],
)
async def test_what_the_agent_may_not_visit_is_not_looked_at(address: str, error: type[CoreError]) -> None:
    guard = AddressGuard(FakeResolver(**{"inside.example": ("10.0.0.7",), "tea.example": ("93.184.216.34",)}))
    with pytest.raises(error):
        await WooCommerceProbe(guard)(Origin.of(address))


async def test_the_way_out_is_shut_after_the_look(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[EgressProxy] = []

    class Remembered(EgressProxy):
        def __init__(self) -> None:
            super().__init__()
            opened.append(self)

    monkeypatch.setattr(looking, "EgressProxy", Remembered)
    await look(origin)
    assert [proxy.gate.is_shut for proxy in opened] == [True]


async def versions(origin: Origin) -> list[str]:
    """What runs there, in words."""
    probe = WooCommerceProbe(AddressGuard(SystemResolver(), frozenset({origin.host_port})))
    return [one.words for one in await probe.versions(origin)]


async def test_the_front_page_tells_which_versions_run_there(origin: Origin) -> None:
    assert await versions(origin) == [f"WordPress {WORDPRESS}", f"WooCommerce {WOOCOMMERCE}"]


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<h1>Tea</h1>",
        b'<meta name="generator" content="WordPress <script>">',
        b"<meta name='generator' content='Hugo 0.1'>",
        b"\xff\xfe" * 1000,
    ],
    ids=len,
)
async def test_without_a_version_what_runs_there_is_named_alone(page: bytes) -> None:
    async with listening(says(page)) as web:
        assert await versions(web.origin) == ["WordPress", "WooCommerce"]


async def test_a_front_page_that_does_not_come_is_no_reason_to_refuse_the_shop() -> None:
    async with listening(never_ends) as web:
        assert await versions(web.origin) == ["WordPress", "WooCommerce"]
