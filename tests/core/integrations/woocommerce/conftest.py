"""A practice shop over real HTTP, a key to it, and a way out that leads only there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import pytest

from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.agents.keys import Key
from core.browser.egress import EgressProxy
from core.integrations.woocommerce.api import WooCommerceApi
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin
from core.security.secret import Secret

WayOut = Callable[[Origin], Awaitable[str]]
ANY_KEY: Key = {"consumer_key": Secret("ck_" + "a" * 40), "consumer_secret": Secret("cs_" + "b" * 40)}


class ApiOf(Protocol):
    """Gives the API of the shop at this origin, called with this key."""

    async def __call__(self, origin: Origin, key: Key = ANY_KEY) -> WooCommerceApi: ...


@pytest.fixture
def shop() -> PracticeShop:
    return PracticeShop()


@pytest.fixture
async def origin(shop: PracticeShop) -> AsyncIterator[Origin]:
    async with serve(shop) as address:
        yield Origin.of(address)


@pytest.fixture
async def way_out() -> AsyncIterator[WayOut]:
    """The address of a proxy that leads to one origin."""
    opened: list[EgressProxy] = []

    async def to(origin: Origin) -> str:
        guard = AddressGuard(SystemResolver(), frozenset({origin.host_port}))
        opened.append(await EgressProxy.opened(frozenset({origin}), guard))
        return opened[-1].url

    yield to
    for proxy in opened:
        proxy.gate.shut(because="the test is over")


@pytest.fixture
def api_of(way_out: WayOut) -> ApiOf:
    async def api(origin: Origin, key: Key = ANY_KEY) -> WooCommerceApi:
        return WooCommerceApi(origin, key, await way_out(origin))

    return api


def key_of(shop: PracticeShop, permission: str = "read") -> Key:
    """A key that this shop made."""
    made = shop.make_key("OmniOps", "admin", permission)
    return {"consumer_key": Secret(made.consumer_key), "consumer_secret": Secret(made.consumer_secret)}
