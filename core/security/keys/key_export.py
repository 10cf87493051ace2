"""A back-up of the keys: the master keys and the one that signs, in one file, sealed with a passphrase.

    key = Argon2id(passphrase, salt, 3 passes, 256 MiB, 4 lanes, 32 bytes)         RFC 9106
    file = JSON {"format", "salt", "passes", "kib", "lanes", "keys": ids, the primary first, "signing": id or null,
                 "former": lines by which the keys before it are known, "sealed": envelope}

The envelope is that of core/security/keys/envelope.py, bound to everything else in the file. The first form had no key that signs.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.errors import BadInput
from core.security.keys.envelope import SALT, CannotOpen, place, seal, unseal
from core.security.keys.key_providers import KEY_BYTES, BadKey, checked, key_id
from core.security.keys.signing import BadSigningKey, SigningKey
from core.security.secret import Secret

FORMAT, FIRST_FORMAT = "autopilot-keys/2", "autopilot-keys/1"
SHORTEST_PASSPHRASE = 12  # characters
LARGEST_FILE = 64 * 1024  # bytes; one of two keys has 600


@dataclass(frozen=True)
class Cost:
    """What one guess of the passphrase costs: passes over memory (in KiB) by so many lanes at once."""

    passes: int
    kib: int
    lanes: int

    @property
    def is_bearable(self) -> bool:
        """Whether it can be paid: a made-up file must not take all memory."""
        return 1 <= self.passes <= 16 and 8 <= self.lanes * 8 <= self.kib <= 1024 * 1024 and self.lanes <= 16


USUAL = Cost(
    passes=3, kib=256 * 1024, lanes=4
)  # more than RFC 9106's second choice: it is paid once a year, in a second


@dataclass(frozen=True)
class SigningBackup:
    """The seed of the key that signs, and the lines by which those before it are known; it is in no repr."""

    seed: bytes = field(repr=False)
    former: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """How the key is named beside a signature."""
        return SigningKey.of(self.seed).public.id


@dataclass(frozen=True)
class KeyBackup:
    """What is in the file: the master keys, the primary first, and the key that signs, if it was backed up."""

    keys: tuple[bytes, ...] = field(repr=False)
    signing: SigningBackup | None = None


class WeakPassphrase(BadInput):
    """This passphrase can't be used."""

    code: ClassVar[str] = "weak_passphrase"


class BadExport(BadInput):
    """These keys can't be read."""

    code: ClassVar[str] = "bad_key_export"


def exported(
    keys: Mapping[str, bytes],
    primary: str,
    passphrase: Secret,
    cost: Cost = USUAL,
    signing: SigningBackup | None = None,
) -> str:
    """The content of the file. Raises WeakPassphrase."""
    if len(passphrase.reveal()) < SHORTEST_PASSPHRASE:
        raise WeakPassphrase(because=f"It needs at least {SHORTEST_PASSPHRASE} characters.")
    ordered = sorted(keys, key=lambda one: (one != primary, one))
    salt = os.urandom(SALT)
    header: dict[str, Any] = {"format": FORMAT, "salt": b64encode(salt).decode(), "keys": ordered}
    header |= {"passes": cost.passes, "kib": cost.kib, "lanes": cost.lanes}
    header |= {"signing": signing.id if signing else None, "former": list(signing.former) if signing else []}
    plain = b"".join(keys[one] for one in ordered) + (signing.seed if signing else b"")
    return json.dumps(header | {"sealed": seal(_key(passphrase, salt, cost), plain, _place(header))}, indent=1) + "\n"


def imported(text: str, passphrase: Secret) -> KeyBackup:
    """The keys in a file. Raises BadExport, with the same words for a wrong passphrase and a changed file."""
    header = _header(text)
    try:
        cost = Cost(header["passes"], header["kib"], header["lanes"])
        salt = b64decode(header["salt"], validate=True)
        if not cost.is_bearable or len(salt) != SALT:
            raise BadExport(because="It asks for a cost that nobody chose.")
        plain = unseal(_key(passphrase, salt, cost), header.pop("sealed"), _place(header))
        keys = [checked(plain[at : at + KEY_BYTES]) for at in range(0, len(plain), KEY_BYTES)]
        signing = SigningBackup(keys.pop(), tuple(header["former"])) if header.get("signing") else None
        fits = (signing.id if signing else None) == header.get("signing")
    except (CannotOpen, BadKey, BadSigningKey):
        raise BadExport(because="The passphrase is wrong, or the file was changed.") from None
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise BadExport(because="This is no file that `autopilot vault export-key` has written.") from None
    if not keys or not fits or [key_id(key) for key in keys] != header["keys"]:
        raise BadExport(because="The passphrase is wrong, or the file was changed.")
    return KeyBackup(tuple(keys), signing)


def _header(text: str) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") not in {FORMAT, FIRST_FORMAT}:
        raise BadExport(because="This is no file that `autopilot vault export-key` has written.")
    return header


def _place(header: Mapping[str, Any]) -> bytes:
    """Everything in the file but what is sealed: none of it can be changed."""
    numbers = (int(header[name]) for name in ("passes", "kib", "lanes"))
    signing = (str(header["signing"]), *map(str, header["former"])) if header["format"] != FIRST_FORMAT else ()
    keys = map(str, header["keys"])
    return place("key-export", str(header["format"]), str(header["salt"]), *numbers, *keys, *signing)


def _key(passphrase: Secret, salt: bytes, cost: Cost) -> bytes:
    guess = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.kib)
    return guess.derive(passphrase.reveal().encode("utf-8", "surrogateescape"))
