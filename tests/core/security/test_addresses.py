"""Only public https addresses are gone to, in whatever notation a private one hides."""

import pytest

from core.errors import CoreError
from core.security.addresses import (
    AddressGuard,
    AddressRefused,
    InsecureAddress,
    ShopNotFound,
    SystemResolver,
    is_public,
)
from core.security.origin import Origin
from tests.fakes.resolver import FakeResolver

PUBLIC = ("8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "100::1",
    "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "not an address", "",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


def guard(hosts: dict[str, tuple[str, ...]], allowed: frozenset[str] = frozenset()) -> AddressGuard:
    return AddressGuard(FakeResolver(**hosts), allowed)


async def test_a_public_shop_is_pinned_to_its_first_address() -> None:
    shop = Origin.of("https://shop.example")
    assert await guard({"shop.example": ("8.8.8.8", "2606:4700::1111")}).check(shop) == "8.8.8.8"


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused, match="private network"):
        await guard({"shop.example": ("8.8.8.8", "10.0.0.1")}).check(Origin.of("https://shop.example"))


REFUSED: tuple[tuple[str, type[CoreError], str], ...] = (
    ("http://shop.example", InsecureAddress, "plain http"),
    ("https://shop.example:8443", AddressRefused, "port 443, not 8443"),
    ("https://8.8.8.8", AddressRefused, "a number, not a name"),
    ("https://[2606:4700::1111]", AddressRefused, "a number, not a name"),
    ("https://127.1", AddressRefused, "a number, not a name"),
    ("https://2130706433", AddressRefused, "a number, not a name"),
    ("https://0x7f000001", AddressRefused, "a number, not a name"),
    ("https://0x7f.0.0.1", AddressRefused, "a number, not a name"),
    ("https://0177.0.0.1", AddressRefused, "a number, not a name"),
    ("https://localhost", AddressRefused, "a name inside a private network"),
    ("https://intranet", AddressRefused, "a name inside a private network"),
    ("https://nowhere.example", ShopNotFound, "No server is known as nowhere.example"),
)


@pytest.mark.parametrize(("address", "error", "words"), REFUSED)
async def test_each_refusal_says_why(address: str, error: type[CoreError], words: str) -> None:
    resolver = FakeResolver(**{"shop.example": ("8.8.8.8",), "127.1": ("127.0.0.1",)})
    with pytest.raises(error, match=words):
        await AddressGuard(resolver).check(Origin.of(address))


async def test_an_allowed_pair_of_host_and_port_may_be_private_and_nothing_beside_it() -> None:
    allowing = guard({"127.0.0.1": ("127.0.0.1",)}, frozenset({"127.0.0.1:8081"}))
    assert await allowing.check(Origin.of("http://127.0.0.1:8081")) == "127.0.0.1"
    for other in ("http://127.0.0.1:8082", "https://127.0.0.1", "http://localhost:8081"):
        with pytest.raises((AddressRefused, InsecureAddress)):
            await allowing.check(Origin.of(other))


async def test_the_machine_s_resolver_knows_itself_and_invents_nothing() -> None:
    assert "127.0.0.1" in await SystemResolver().resolve("127.0.0.1", 80)
    assert await SystemResolver().resolve("no-such-host.invalid", 443) == ()
