"""The vectors of NIST's CAVP and of RFC 5869, as the package `cryptography-vectors` has them."""

from collections.abc import Iterator
from dataclasses import dataclass

import cryptography_vectors


@dataclass(frozen=True)
class GcmCase:
    """One of AES-256-GCM with a nonce of 96 bits and a tag of 128, as we use it; `plaintext` is None if it must not open."""

    key: bytes
    nonce: bytes
    aad: bytes
    ciphertext: bytes
    plaintext: bytes | None


@dataclass(frozen=True)
class HkdfCase:
    """One of HKDF with SHA-256."""

    key_material: bytes
    salt: bytes
    info: bytes
    length: int
    derived: bytes


def gcm(file: str) -> list[GcmCase]:
    """The cases of a file that fit."""
    return [
        GcmCase(
            key=bytes.fromhex(case["Key"]),
            nonce=bytes.fromhex(case["IV"]),
            aad=bytes.fromhex(case["AAD"]),
            ciphertext=bytes.fromhex(case["CT"] + case["Tag"]),
            plaintext=None if "FAIL" in case else bytes.fromhex(case["PT"]),
        )
        for case in _blocks(f"ciphers/AES/GCM/{file}", "Count")
        if len(case["IV"]) == 24 and len(case["Tag"]) == 32
    ]


def hkdf() -> list[HkdfCase]:
    """Those of RFC 5869, appendix A, with SHA-256."""
    return [
        HkdfCase(
            key_material=bytes.fromhex(case["IKM"]),
            salt=bytes.fromhex(case.get("salt", "")),
            info=bytes.fromhex(case.get("info", "")),
            length=int(case["L"]),
            derived=bytes.fromhex(case["OKM"]),
        )
        for case in _blocks("KDF/rfc-5869-HKDF-SHA256.txt", "COUNT")
    ]


def _blocks(path: str, first: str) -> Iterator[dict[str, str]]:
    case: dict[str, str] = {}
    with cryptography_vectors.open_vector_file(path, "r") as file:
        for line in file:
            name, _, value = (part.strip() for part in line.partition("="))
            if name == first and case:
                yield case
                case = {}
            if name and not name.startswith(("[", "#")):
                case[name] = value
    yield case
