"""Where shops send their owners, and keys, back to: this Autopilot, as it is seen from outside."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar, Self

from core.errors import Refused
from core.security.origin import BadAddress, Origin


class NotOffered(Refused):
    """Approving in the shop is not offered here."""

    code: ClassVar[str] = "approval_not_offered"


@dataclass(frozen=True)
class ReturnAddress:
    """Our own address; a key is sent there over https alone, but by a practice's shop (`host:port`) on this machine."""

    url: str = ""
    practice: frozenset[str] = frozenset()

    @classmethod
    def of(cls, address: str, practice: frozenset[str]) -> Self:
        """An address as it was set; one that can't be read is none, and whoever serves there says so."""
        try:
            return cls(str(Origin.of(address)), practice)
        except BadAddress:
            return cls()

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read what is sent here."""
        return self.url.startswith("https://")

    @property
    def is_here(self) -> bool:
        """Whether it never leaves this machine."""
        return bool(self.url) and is_this_machine(Origin.of(self.url))

    @property
    def offers(self) -> bool:
        """Whether there is a shop at all that may send its key here."""
        return self.is_safe or bool(self.is_here and self.practice)

    def objection(self, origin: Origin) -> str:
        """Why this shop may not send its key here; empty if it may."""
        if self.is_safe or (self.is_here and is_this_machine(origin) and origin.host_port in self.practice):
            return ""
        return "The shop would send the key to this Autopilot, and does so over https alone. Let the agent sign in instead."

    def check(self, origin: Origin) -> None:
        """Return if this shop may send its key here. Raises NotOffered."""
        if objection := self.objection(origin):
            raise NotOffered(because=objection)


def is_this_machine(origin: Origin) -> bool:
    """Whether what is sent there is read by nobody on the way."""
    return origin.host == "localhost" or (is_ip(origin.host) and ip_address(origin.host).is_loopback)


def is_ip(host: str) -> bool:
    """Whether a host is written as an address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


NOWHERE = ReturnAddress()
