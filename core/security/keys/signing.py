"""Signatures of our own, Ed25519 (RFC 8032), on texts whose first line says what they are.

So a checkpoint can never pass for a receipt. The key is a file of its own, apart from the vault's: who may sign may not
open, and the public half is anybody's.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from core.errors import CoreError
from core.security.keys.key_providers import BadKey, checked

PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


class BadSigningKey(CoreError):
    """The signing key can't be used."""

    code: ClassVar[str] = "bad_signing_key"


@dataclass(frozen=True)
class PublicKey:
    """What tells whether a signature is ours: 32 bytes, known by the first 16 hexadecimal digits of their SHA-256."""

    raw: bytes

    @property
    def id(self) -> str:
        """How it is named beside a signature."""
        return sha256(self.raw).hexdigest()[:16]

    def pem(self) -> str:
        """As a file of its own (RFC 7468), which every tool reads."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, text: str, signature: str) -> bool:
        """Whether this signature (base64) was made for this text by the other half of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(b64decode(signature, validate=True), text.encode())
        except (InvalidSignature, ValueError):  # ValueError: what is no base64, or no text
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """What signs: a seed of 32 random bytes. It is in no repr."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, seed: bytes) -> Self:
        """The key that grows from this seed. Raises BadSigningKey for a seed that can't be random."""
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(checked(seed)))
        except BadKey as error:
            raise BadSigningKey(because=error.because) from None

    def __repr__(self) -> str:
        return f"<SigningKey {self.public.id}>"

    @property
    def public(self) -> PublicKey:
        """The half that may be given away."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    def seed(self) -> bytes:
        """The secret half, for a back-up that is sealed."""
        return self.private.private_bytes_raw()

    def sign(self, text: str) -> str:
        """The signature, as base64. The text's first line has to say what it is, with a version."""
        return b64encode(self.private.sign(text.encode())).decode()


def public_keys(pem: str) -> dict[str, PublicKey]:
    """Every Ed25519 key in a PEM file, by its id. Raises BadSigningKey if there is none, or one of another kind."""
    try:
        loaded = [load_pem_public_key(block.encode()) for block in PEM.findall(pem)]
    except (ValueError, UnsupportedAlgorithm):
        raise BadSigningKey(because="This is no public key in PEM.") from None
    ours = [PublicKey(one.public_bytes_raw()) for one in loaded if isinstance(one, Ed25519PublicKey)]
    if not ours or len(ours) < len(loaded):
        raise BadSigningKey(because="This is no Ed25519 public key in PEM.")
    return by_id(ours)


def by_id(keys: Iterable[PublicKey]) -> dict[str, PublicKey]:
    """These keys, by their ids."""
    return {key.id: key for key in keys}


def is_signed(keys: Mapping[str, PublicKey], key_id: str, text: str, signature: str) -> bool:
    """Whether one of these keys, the one that is named, has signed this text."""
    key = keys.get(key_id)
    return key is not None and key.has_signed(text, signature)
