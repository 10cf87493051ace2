"""How a secret is sealed: AES-256-GCM under a key of its own, bound to its place, with a commitment to that key.

    record key ‖ commitment = HKDF-SHA512(data key, salt, "autopilot/rec/v1" ‖ SHA-512(place), 64 bytes)
    envelope = 0x01 ‖ salt (32) ‖ nonce (12) ‖ commitment (32) ‖ AES-256-GCM(record key, nonce, plaintext, place)

The shape is that of the AWS Encryption SDK's suite 04 78. The commitment is checked first: a bare GCM ciphertext can
be made to open under two keys.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha512
from hmac import compare_digest
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import BadInput, CoreError

VERSION = b"\x01"
KEY, SALT, NONCE, COMMITMENT = 32, 32, 12, 32  # bytes
LARGEST = 64 * 1024  # bytes of plaintext

Part = str | int


class CannotOpen(CoreError):
    """This secret can't be opened here."""

    code: ClassVar[str] = "cannot_open"


class TooLarge(BadInput):
    """This is too large to be sealed."""

    code: ClassVar[str] = "too_large"


def place(*parts: Part) -> bytes:
    """Where a secret belongs, without ambiguity: each part with its type and length, so ("a|b","c") ≠ ("a","b|c")."""
    encoded = b""
    for part in parts:
        kind, raw = (b"s", part.encode()) if isinstance(part, str) else (b"i", str(part).encode())
        encoded += kind + len(raw).to_bytes(4) + raw
    return encoded


def seal(data_key: bytes, plaintext: bytes, where: bytes) -> str:
    """Seal for one place; base64 text for a column. The same text never gives the same envelope. Raises TooLarge."""
    return b64encode(seal_bytes(data_key, plaintext, where, LARGEST)).decode()


def unseal(data_key: bytes, envelope: str, where: bytes) -> bytes:
    """Open what was sealed for this place. Raises CannotOpen, with the same words for every cause."""
    try:
        raw = b64decode(envelope, validate=True)
    except ValueError:  # also for what is not ASCII
        raise CannotOpen from None
    return unseal_bytes(data_key, raw, where)


def seal_bytes(data_key: bytes, plaintext: bytes, where: bytes, largest: int) -> bytes:
    """Like seal, as bytes; `largest` is in bytes. The nonce is drawn here: nobody can give one twice. Raises TooLarge."""
    if len(plaintext) > largest:
        raise TooLarge(because=f"It has more than {largest:,} bytes.")
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    record_key, commitment = _derive(data_key, salt, where)
    return VERSION + salt + nonce + commitment + AESGCM(record_key).encrypt(nonce, plaintext, where)


def unseal_bytes(data_key: bytes, raw: bytes, where: bytes) -> bytes:
    """Like unseal, of bytes."""
    version, salt, nonce, commitment, sealed = _cut(raw, (1, SALT, NONCE, COMMITMENT))
    record_key, expected = _derive(data_key, salt, where)
    if not (compare_digest(version, VERSION) and compare_digest(commitment, expected)):
        raise CannotOpen
    try:
        return AESGCM(record_key).decrypt(nonce, sealed, where)
    except (InvalidTag, ValueError):
        raise CannotOpen from None


def _derive(data_key: bytes, salt: bytes, where: bytes) -> tuple[bytes, bytes]:
    info = b"autopilot/rec/v1" + sha512(where).digest()
    derived = HKDF(SHA512(), length=KEY + COMMITMENT, salt=salt, info=info).derive(data_key)
    return derived[:KEY], derived[KEY:]


def _cut(raw: bytes, lengths: Sequence[int]) -> tuple[bytes, ...]:
    parts = []
    for length in lengths:
        parts.append(raw[:length])
        raw = raw[length:]
    return (*parts, raw)
