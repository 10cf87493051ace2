"""Which addresses of the network a shop may have: resolved once, checked, and pinned, so that nothing can be re-aimed."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ClassVar, Protocol

from core.errors import BadInput, Refused, Unavailable
from core.security.origin import Origin

RESOLVE_WITHIN = 10.0  # seconds; a resolver that takes longer is as good as none
USUAL_PORT = 443

# What Python's is_global calls public although no shop lives there (measured on 3.11).
NEVER_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "168.63.129.16/32",  # Azure's host
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # v4-compatible
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",
        "2001:db8::/32",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(Refused):
    """The agent does not go to that address."""

    code: ClassVar[str] = "address_refused"


class InsecureAddress(BadInput):
    """The shop's address has to begin with https://."""

    code: ClassVar[str] = "https_required"


class ShopNotFound(Unavailable):
    """There is no shop under that address."""

    code: ClassVar[str] = "shop_not_found"


class Resolver(Protocol):
    """Finds the network addresses of a host."""

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The host's IP addresses as text, in the order to be tried; empty if there is no such host."""
        ...


class SystemResolver:
    """The machine's own resolver."""

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The host's IP addresses as text; empty if it has none or nobody answers in time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_WITHIN):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError):
            return ()
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressGuard:
    """Lets through public https addresses, and the exact `host:port` pairs a practice or a test was allowed."""

    def __init__(self, resolver: Resolver, allowed_host_ports: frozenset[str] = frozenset()) -> None:
        self._resolver = resolver
        self._allowed = allowed_host_ports

    async def check(self, origin: Origin) -> str:
        """The one IP address to connect to. Raises AddressRefused, InsecureAddress or ShopNotFound."""
        allowed = origin.host_port in self._allowed
        if not allowed:
            _check_form(origin)
        addresses = await self._resolver.resolve(origin.host, origin.port)
        if not addresses:
            raise ShopNotFound(because=f"No server is known as {origin.host}. Is it spelt right?")
        if not allowed and not all_public(addresses):
            raise AddressRefused(because=f"{origin.host} leads into a private network.")
        return addresses[0]


def all_public(addresses: Iterable[str]) -> bool:
    """Whether every address is public; one private among them is enough to refuse them all."""
    return all(is_public(address) for address in addresses)


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet, after unwrapping what is hidden in IPv6 forms."""
    try:
        ip = _unwrapped(ip_address(address.split("%", 1)[0]))
    except ValueError:
        return False
    if ip.is_multicast or not ip.is_global:
        return False
    return not any(ip.version == network.version and ip in network for network in NEVER_PUBLIC)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that really is reached by a mapped, 6to4, Teredo or NAT64 address; else the address itself."""
    if isinstance(ip, IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and ip.teredo is not None:
        inner = ip.teredo[1]
    if inner is None and ip in NAT64:
        inner = IPv4Address(int(ip) & 0xFFFFFFFF)
    return inner if inner is not None else ip


def _check_form(origin: Origin) -> None:
    """Refuse by the look of it what no real shop has."""
    if _is_ip(origin.host):
        raise AddressRefused(because="It is a number, not a name; use the shop's domain.")
    if "." not in origin.host:
        raise AddressRefused(because=f"“{origin.host}” is a name inside a private network.")
    if origin.scheme != "https":
        raise InsecureAddress(because="Over plain http, everyone on the way could read the password.")
    if origin.port != USUAL_PORT:
        raise AddressRefused(because=f"Shops answer at port {USUAL_PORT}, not {origin.port}.")


def _is_ip(host: str) -> bool:
    """Whether this is an IP address in any notation a browser would take for one (0x7f.1, 2130706433, [::1])."""
    bare = host.strip("[]")
    try:
        ip_address(bare)
    except ValueError:
        last = bare.rsplit(".", 1)[-1].lower()
        return ":" in bare or last.isdigit() or last.startswith("0x")
    return True
