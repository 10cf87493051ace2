"""Pictures of a shop that is slow, busy or worse hold up nobody else, and what is not certain is not kept."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

import httpx
import pytest

from core.catalog.catalog import Catalog
from core.integrations import product_pictures
from core.integrations.calling import Answer
from core.integrations.product_pictures import AT_ONCE, LONGEST_ADDRESS, OF_ONE, ProductPictures
from core.integrations.small_pictures import SmallPicture
from core.security.addresses import AddressGuard
from core.security.origin import Origin
from core.security.people.people import Visitor
from tests.fakes.resolver import FakeResolver

DRAWN = b"<svg/>"


def visitor() -> Visitor:
    return Visitor(uuid4(), uuid4(), "owner@tea.example")


@dataclass
class Shops:
    """Answers for every host; one whose name begins with “slow” once it is let go. Addresses are those of products."""

    statuses: list[int] = field(default_factory=list)  # of the next answers
    asked: list[str] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    addresses: dict[UUID, str] = field(default_factory=dict)

    async def look(self, origin: Origin, path: str, guard: AddressGuard) -> Answer:
        self.asked.append(f"{origin}{path}")
        for whose in (origin.host, "all"):
            self.under_way[whose] += 1
            self.most[whose] = max(self.most[whose], self.under_way[whose])
        try:
            if origin.host.startswith("slow"):
                await self.goes_on.wait()
        finally:
            self.under_way.subtract((origin.host, "all"))
        return Answer(self.statuses.pop(0) if self.statuses else 200, httpx.Headers(), DRAWN)

    async def picture_of(self, visitor: Visitor, product_id: UUID) -> str:
        return self.addresses[product_id]

    def product(self, address: str) -> UUID:
        product_id = uuid4()
        self.addresses[product_id] = address
        return product_id


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> Shops:
    shops = Shops()
    monkeypatch.setattr(product_pictures, "look", shops.look)
    monkeypatch.setattr(product_pictures, "SHOWN_WITHIN", 0.05)
    return shops


@pytest.fixture
def pictures(shops: Shops) -> ProductPictures:
    return ProductPictures(cast(Catalog, shops), AddressGuard(FakeResolver()))


async def all_of(
    pictures: ProductPictures, shops: Shops, whose: Visitor, addresses: Iterable[str]
) -> list[SmallPicture | None]:
    return await asyncio.gather(*(pictures.of(whose, shops.product(one)) for one in addresses))


async def over(pictures: ProductPictures) -> None:
    """Until nothing is fetched any more."""
    async with asyncio.timeout(15):
        await asyncio.gather(*pictures._asked.values())


async def test_a_slow_host_takes_no_more_than_its_share_and_holds_up_no_other(
    shops: Shops, pictures: ProductPictures
) -> None:
    slow = [shops.product(f"https://slow.example/{number}") for number in range(2 * AT_ONCE)]
    assert set(await asyncio.gather(*(pictures.of(visitor(), one) for one in slow))) == {None}
    assert await pictures.of(visitor(), shops.product("https://tea.example/1"))
    assert shops.most["slow.example"] == OF_ONE


async def test_a_shop_that_names_many_hosts_takes_no_more_than_its_customers_share(
    shops: Shops, pictures: ProductPictures
) -> None:
    slow = (f"https://slow{number}.example/1" for number in range(2 * AT_ONCE))
    await all_of(pictures, shops, visitor(), slow)
    assert shops.most["all"] == OF_ONE
    assert await pictures.of(visitor(), shops.product("https://tea.example/1"))


async def test_who_waits_for_their_own_turn_takes_no_place_of_a_host_that_others_use(
    shops: Shops, pictures: ProductPictures
) -> None:
    busy = visitor()
    await all_of(pictures, shops, busy, (f"https://slow{number}.example/1" for number in range(OF_ONE)))
    await all_of(pictures, shops, busy, (f"https://cdn.example/{number}" for number in range(OF_ONE)))
    assert await pictures.of(visitor(), shops.product("https://cdn.example/theirs"))


async def test_no_more_are_fetched_at_once_than_there_are_places(shops: Shops, pictures: ProductPictures) -> None:
    slow = (f"https://slow{number}.example/1" for number in range(2 * AT_ONCE))
    await asyncio.gather(*(pictures.of(visitor(), shops.product(one)) for one in slow))
    assert shops.most["all"] == AT_ONCE
    shops.goes_on.set()
    await over(pictures)
    assert (shops.most["all"], len(shops.asked)) == (AT_ONCE, 2 * AT_ONCE)


async def test_who_looks_waits_a_moment_and_the_fetch_goes_on_for_who_looks_next(
    shops: Shops, pictures: ProductPictures
) -> None:
    product, who = shops.product("https://slow.example/1"), visitor()
    assert await pictures.of(who, product) is None
    shops.goes_on.set()
    await over(pictures)
    assert await pictures.of(who, product) == SmallPicture(DRAWN, "image/svg+xml")
    assert len(shops.asked) == 1


async def test_a_picture_has_a_time_of_its_own_and_one_that_took_longer_is_fetched_again(
    shops: Shops, pictures: ProductPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_pictures, "WHOLE_WITHIN", 0.1)
    product, who = shops.product("https://slow.example/1"), visitor()
    assert await pictures.of(who, product) is None
    await over(pictures)
    assert shops.under_way["all"] == 0
    shops.goes_on.set()
    assert await pictures.of(who, product)


async def test_what_waits_for_its_turn_gives_up(
    shops: Shops, pictures: ProductPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_pictures, "BEGINS_WITHIN", 0.1)
    slow = [f"https://slow.example/{number}" for number in range(2 * OF_ONE)]
    await all_of(pictures, shops, visitor(), slow)
    async with asyncio.timeout(15):
        while len(pictures._asked) > OF_ONE:
            await asyncio.wait(pictures._asked.values(), return_when=asyncio.FIRST_COMPLETED)
    assert len(shops.asked) == OF_ONE


async def test_an_address_that_is_longer_than_any_is_not_asked_for(shops: Shops, pictures: ProductPictures) -> None:
    longest = f"https://tea.example/{'x' * LONGEST_ADDRESS}"
    assert await pictures.of(visitor(), shops.product(longest)) is None
    assert await pictures.of(visitor(), shops.product(longest[:LONGEST_ADDRESS]))
    assert shops.asked == [longest[:LONGEST_ADDRESS]]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_what_may_pass_is_asked_again(shops: Shops, pictures: ProductPictures, status: int) -> None:
    shops.statuses = [status]
    product, who = shops.product("https://tea.example/1"), visitor()
    assert await pictures.of(who, product) is None
    assert await pictures.of(who, product)


@pytest.mark.parametrize("status", [404, 410])
async def test_that_there_is_none_is_kept_for_a_while(
    shops: Shops, pictures: ProductPictures, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops.statuses = [status, status]
    product, who = shops.product("https://tea.example/1"), visitor()
    assert [await pictures.of(who, product) for _ in range(2)] == [None, None]
    assert len(shops.asked) == 1
    monkeypatch.setattr("core.integrations.kept_pictures.NONE_FOR", 0.0)
    other = shops.product("https://tea.example/2")
    assert await pictures.of(who, other) is None
    assert await pictures.of(who, other)


async def test_a_picture_is_kept_for_a_while(
    shops: Shops, pictures: ProductPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.integrations.kept_pictures.KEPT_FOR", 0.0)
    product, who = shops.product("https://tea.example/1"), visitor()
    assert [await pictures.of(who, product) is None for _ in range(2)] == [False, False]
    assert len(shops.asked) == 2


async def test_one_is_drawn_at_a_time(shops: Shops, pictures: ProductPictures, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, both = list[bytes](), threading.Barrier(2)

    def drawn(content: bytes) -> None:
        under_way.append(content)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # passed at once by two that are drawn beside each other
            beside.append(content)

    beside: list[bytes] = []
    monkeypatch.setattr(product_pictures, "made_small", drawn)
    some = [pictures.of(visitor(), shops.product(f"https://tea{number}.example/1")) for number in range(4)]
    await asyncio.gather(*some)
    await over(pictures)
    assert (len(under_way), beside) == (4, [])
