"""What an agreement is made of: its purpose and reach, the words and terms, and the circumstances in which it was given."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from core.database.states import ConsentEnding
from core.security.consent.consent_text import ConsentText
from core.security.origin import Origin

ANY_OPERATION = "any"  # a shop's sign-in is kept for whichever operation needs it
SESSION = "autopilot/consent-session/v1"
PREFIXES = {4: 24, 6: 56}  # bits of an address that are recorded; what follows tells one household from the next


class Purpose(StrEnum):
    """What a consent is for. Each is given, and withdrawn, by itself."""

    ACT = "act"
    STORE_SIGN_IN = "store_sign_in"
    ASK_MODEL = "ask_model"
    KEEP_PICTURES = "keep_pictures"


class Surface(StrEnum):
    """Where somebody was asked."""

    DIALOG = "dialog"
    API = "api"
    TERMINAL = "terminal"
    DEMO = "demo"  # nobody read anything: whoever gave the demo said so


@dataclass(frozen=True)
class Circumstances:
    """How a consent was given: where, by which button or call, since when the words were shown, and from where.

    Of the session only a SHA-256 is kept (`session_digest`), of the address only its prefix.
    """

    surface: Surface = Surface.API
    method: str = "grant"
    shown_at: datetime | None = None
    session_sha256: str | None = None
    address: str = ""

    @property
    def ip_prefix(self) -> str | None:
        """The network of the address: /24 of IPv4, /56 of IPv6; nothing if it is not known."""
        try:
            found = ip_address(self.address)
        except ValueError:
            return None
        return str(ip_network(f"{found}/{PREFIXES[found.version]}", strict=False))


def session_digest(token: str) -> str | None:
    """What a consent says of the session or token it was given with; not what they are looked up by, so it opens nothing."""
    return hashlib.sha256(f"{SESSION}\n{token}".encode()).hexdigest() if token else None


BY_PROGRAM = Circumstances()  # what is known of a call that tells nothing of itself


@dataclass(frozen=True)
class ConsentScope:
    """What a consent is about: an operation of a service at one shop, as far as these permissions go, for one purpose."""

    service: str
    operation: str
    origin: Origin
    permissions: frozenset[str]
    purpose: Purpose = Purpose.ACT

    def within(self, given: "ConsentScope") -> bool:
        """Whether what was given covers this."""
        return self.place == given.place and self.permissions <= given.permissions

    @property
    def place(self) -> tuple[str, str, Origin, Purpose]:
        """What has to be the same in every regard."""
        return (self.service, self.operation, self.origin, self.purpose)

    def for_purpose(self, purpose: Purpose) -> "ConsentScope":
        """The same operation at the same shop, for another purpose; a sign-in is kept for all operations there."""
        operation = ANY_OPERATION if purpose is Purpose.STORE_SIGN_IN else self.operation
        return ConsentScope(self.service, operation, self.origin, frozenset({purpose.value}), purpose)


@dataclass(frozen=True)
class Wording:
    """What was agreed to: the text as it was shown, all that was told with it, and how it was agreed to."""

    text: ConsentText
    terms: Mapping[str, Any] = field(default_factory=dict)
    given: Circumstances = BY_PROGRAM


@dataclass(frozen=True)
class Recipient:
    """Somebody else who is sent something, and in which country."""

    name: str
    country: str


@dataclass(frozen=True)
class Consent:
    """A consent as it was given, and how it ended, if it has."""

    id: UUID
    user_id: UUID
    scope: ConsentScope
    text_version: str
    text_sha256: str
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_as: ConsentEnding | None
    recipients: frozenset[Recipient] = frozenset()  # who is sent something, as it was told then

    def covers(self, scope: ConsentScope, *, at: datetime) -> bool:
        """Whether this allows that, at that moment."""
        return self.is_in_force(at) and scope.within(self.scope)

    def is_in_force(self, at: datetime) -> bool:
        """Whether it allows anything at that moment."""
        return self.ended_at is None and at < self.expires_at


@dataclass(frozen=True)
class Controller:
    """Who is responsible for what is kept (GDPR Art. 4(7)), where it is kept, and which law holds."""

    name: str = "the operator of this Autopilot"
    address: str = ""
    contact: str = ""
    stored_in: str = "the operator's own machine"
    jurisdiction: str = "EU"


UNNAMED = Controller()
