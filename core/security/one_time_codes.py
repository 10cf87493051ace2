"""The codes of a second step, as an authenticator app makes them: time-based one-time passwords (RFC 6238)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from core.errors import BadInput
from core.security.secret import Secret

ALGORITHMS: dict[str, type[hashes.SHA1 | hashes.SHA256 | hashes.SHA512]] = {
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA512": hashes.SHA512,
}
SHORTEST_KEY = 10  # bytes; what Google's and most shops' plugins give out, though RFC 4226 asks for 16
LENGTHS = range(6, 9)  # digits that the library makes
LONGEST_PERIOD = 300  # seconds
WRITTEN_APART = re.compile(r"[\s-]+")  # how keys are shown, so that people can copy them


class BadSeed(BadInput):
    """This is no key of an authenticator app."""

    code: ClassVar[str] = "bad_authenticator_key"


@dataclass(frozen=True)
class OneTimeCodes:
    """The codes of one key: so many digits, a new one each period of seconds."""

    key: bytes = field(repr=False)
    digits: int = 6
    period: int = 30
    algorithm: str = "SHA1"

    @classmethod
    def of(cls, seed: Secret) -> Self:
        """Those of a key in base32, or of an `otpauth://totp/` address as its QR code has it. Raises BadSeed.

        The form of the address: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
        """
        text = seed.reveal().strip()
        if "://" not in text:
            return cls(_key(text))
        try:
            address = urlsplit(text)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        except ValueError:
            raise BadSeed(because="Its address can't be read.") from None
        if (address.scheme.lower(), address.netloc.lower()) != ("otpauth", "totp"):
            raise BadSeed(because="Its address has to begin with otpauth://totp/.")
        return cls(
            _key(asked.get("secret", "")),
            _number(asked.get("digits", "6"), LENGTHS, "digits"),
            _number(asked.get("period", "30"), range(1, LONGEST_PERIOD + 1), "seconds"),
            _algorithm(asked.get("algorithm", "SHA1")),
        )

    def step(self, moment: datetime) -> int:
        """How many periods have passed by then since 1970: the T of RFC 6238. Codes of the same step are the same."""
        return int(moment.timestamp()) // self.period

    def shown_until(self, moment: datetime) -> datetime:
        """When the code of this moment gives way to the next one."""
        return datetime.fromtimestamp((self.step(moment) + 1) * self.period, UTC)

    def at(self, moment: datetime) -> Secret:
        """The code of this moment."""
        return self.of_step(self.step(moment))

    def of_step(self, step: int) -> Secret:
        """The code of a period."""
        made = TOTP(self.key, self.digits, ALGORITHMS[self.algorithm](), self.period, enforce_key_length=False)
        return Secret(made.generate(step * self.period).decode())


def _key(text: str) -> bytes:
    """The bytes of a key in base32, in whatever case, with or without spaces, hyphens and padding."""
    plain = WRITTEN_APART.sub("", text).rstrip("=").upper()
    if len(plain) * 5 // 8 < SHORTEST_KEY:
        raise BadSeed(because="It is too short: it is the key that the code comes from, and not the code itself.")
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        raise BadSeed(because="It consists of letters and the digits 2 to 7.") from None


def _number(text: str, fitting: range, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) in fitting):
        raise BadSeed(because=f"Its codes can have {fitting.start} to {fitting.stop - 1} {what}.")
    return int(text)


def _algorithm(text: str) -> str:
    name = text.upper().replace("-", "")
    if name not in ALGORITHMS:
        raise BadSeed(because=f"Its codes can be made with {', '.join(ALGORITHMS)}.")
    return name
