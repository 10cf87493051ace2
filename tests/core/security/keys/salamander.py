"""Makes one AES-GCM ciphertext that opens under two keys: GCM's tag is a polynomial, and one free block solves for it.

Dodis, Grubbs, Ristenpart and Woodage, "Fast Message Franking" (2018), section 3; GHASH as in NIST SP 800-38D, 6.4.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

REDUCTION = 0xE1 << 120
BLOCK = 16  # bytes


def opens_under_both(first: bytes, second: bytes, nonce: bytes, aad: bytes) -> bytes:
    """Ciphertext ‖ tag of two blocks that AES-GCM takes for whole under either key.

    1. The tag is GHASH(H, aad, C0, C1, lengths) + E(K, J0), where H = E(K, 0), in GF(2^128).
    2. C0 is anything. Both tags are the same if C1 · (H1² + H2²) is the sum of all their other terms.
    3. So C1 is that sum, divided.
    """
    hashes = [int.from_bytes(_encrypt(key, bytes(BLOCK))) for key in (first, second)]
    rest = 0
    for key, hashed in zip((first, second), hashes, strict=True):
        mask = int.from_bytes(_encrypt(key, nonce + b"\0\0\0\1"))
        rest ^= mask ^ _ghash(hashed, aad, bytes(2 * BLOCK))
    squares = _times(hashes[0], hashes[0]) ^ _times(hashes[1], hashes[1])
    free = _times(rest, _inverse(squares)).to_bytes(BLOCK)
    ciphertext = bytes(BLOCK) + free
    mask = int.from_bytes(_encrypt(first, nonce + b"\0\0\0\1"))
    return ciphertext + (mask ^ _ghash(hashes[0], aad, ciphertext)).to_bytes(BLOCK)


def _encrypt(key: bytes, block: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(block)  # noqa: S305  one block, as GCM does it itself


def _ghash(hashed: int, aad: bytes, ciphertext: bytes) -> int:
    lengths = (8 * len(aad)).to_bytes(8) + (8 * len(ciphertext)).to_bytes(8)
    data = aad + bytes(-len(aad) % BLOCK) + ciphertext + bytes(-len(ciphertext) % BLOCK) + lengths
    total = 0
    for at in range(0, len(data), BLOCK):
        total = _times(total ^ int.from_bytes(data[at : at + BLOCK]), hashed)
    return total


def _times(one: int, other: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if other >> bit & 1:
            product ^= one
        one = one >> 1 ^ (REDUCTION if one & 1 else 0)
    return product


def _inverse(one: int) -> int:
    """By Fermat: one to the power of 2^128 - 2."""
    result = 1 << 127  # the 1 of this field, whose bits stand the other way round
    for _ in range(127):
        one = _times(one, one)
        result = _times(result, one)
    return result
