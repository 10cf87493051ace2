"""A practice shop over real HTTP, a key to it, and a way out that leads only there."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from app.practice_shop.serving import serve
from app.practice_shop.shop import PracticeShop
from core.agents.keys import Key
from core.integrations.woocommerce.api import WooCommerceApi
from core.security.origin import Origin
from core.security.secret import Secret
from tests.core.integrations.conftest import WayOut

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
def api_of(way_out: WayOut) -> ApiOf:
    async def api(origin: Origin, key: Key = ANY_KEY) -> WooCommerceApi:
        return WooCommerceApi(origin, key, await way_out(origin))

    return api


def key_of(shop: PracticeShop, permission: str = "read") -> Key:
    """A key that this shop made."""
    made = shop.make_key("OmniOps", "admin", permission)
    return {"consumer_key": Secret(made.consumer_key), "consumer_secret": Secret(made.consumer_secret)}
