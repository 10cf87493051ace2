"""A shop's address, read once and strictly: scheme, host and port, and nothing that could mean another place."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import idna

from core.errors import BadInput

LONGEST_HOST = 253  # characters; RFC 1035
LONGEST_REPEATED = 80  # characters of what somebody has typed that are told back to them
DEFAULT_PORTS = {"http": 80, "https": 443}


class BadAddress(BadInput):
    """This is not the address of a shop."""

    code = "bad_address"


@dataclass(frozen=True, order=True)
class Origin:
    """Scheme, host (an A-label, lower case) and port; compared exactly, never by prefix."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """The origin as browsers write it: without the port where it is the scheme's own."""
        port = "" if DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{self._written_host}{port}"

    @property
    def host_port(self) -> str:
        """As written in AUTOPILOT_ALLOWED_HOSTS."""
        return f"{self._written_host}:{self.port}"

    @property
    def _written_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @classmethod
    def of(cls, address: str) -> "Origin":
        """The origin of an address. Raises BadAddress with a sentence for each thing that can't be a shop."""
        text = address.strip()
        if not text or any(c.isspace() or ord(c) < 32 or c == "\\" for c in text):
            raise BadAddress(because="It is empty, or has spaces or backslashes in it.")
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
            port = parts.port
        except ValueError as error:
            raise BadAddress(because="Its port or host can't be read.") from error
        if parts.scheme not in DEFAULT_PORTS:
            raise BadAddress(because="It should begin with https://.")
        if parts.username is not None or parts.password is not None:
            raise BadAddress(because="Leave the user name and password out of it.")
        host = _bracketed(parts.netloc) if "[" in parts.netloc else _host(parts.hostname or "")
        return cls(parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port)


def _bracketed(netloc: str) -> str:
    """The IPv6 address between brackets, in its shortest form; nothing but a port may follow them."""
    written, _, rest = netloc.removeprefix("[").partition("]")
    try:
        address = IPv6Address(written)
    except ValueError as error:
        raise BadAddress(because=f"“{shortened(written)}” is not a host name.") from error
    if not netloc.startswith("[") or (rest and not rest.startswith(":")):
        raise BadAddress(because="Its port or host can't be read.")
    return str(address)


def _host(written: str) -> str:
    """The host in its comparable form."""
    host = written.rstrip(".").lower()
    if _is_ip_address(host):
        return host
    try:
        host = idna.encode(host, uts46=True).decode().rstrip(".")  # it may have ended in another script's dot
    except idna.IDNAError as error:
        raise BadAddress(because=f"“{shortened(written)}” is not a host name.") from error
    if len(host) > LONGEST_HOST:
        raise BadAddress(because="Its host name is too long.")
    return host


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shortened(typed: str) -> str:
    """What somebody has typed, as far as it is told back to them."""
    return typed if len(typed) <= LONGEST_REPEATED else f"{typed[:LONGEST_REPEATED]}…"


def local(address: str) -> str:
    """An address of our own site, whatever was asked for: where to go on after signing in."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"
