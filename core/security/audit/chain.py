"""What is hashed of an audit entry, to the byte; the same on both databases, and in the verifier of an export.

    detail digest = HMAC-SHA256(salt, canonical JSON of the detail)
    hash = SHA-256("autopilot/audit/v1" ‖ previous ‖ customer ‖ seq ‖ at ‖ actor ‖ action ‖ operation ‖ detail digest)

Every field is prefixed with its length. A detail can be erased with its salt, and the chain still verifies.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

FIRST = "0" * 64  # what the first entry of a chain follows, and the first checkpoint
BEGINNING = b"autopilot/audit/v1"
# Keys in order, no spaces, characters as they are: one detail has one spelling.
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
decoded = json.JSONDecoder().decode
LENGTHS = tuple(length.to_bytes(4) for length in range(256))  # most are short, and a long chain has a million of them


class Link(NamedTuple):
    """An entry as it is stored, in the form in which it is hashed; `detail` is JSON text, `operation` may be empty."""

    seq: int
    at: str
    actor: str
    action: str
    operation: str
    detail: str | None
    salt: str | None
    detail_digest: str
    previous: str
    hash: str

    def told(self) -> dict[str, Any]:
        """What its detail says; nothing, once it was erased."""
        told = json.loads(self.detail) if self.detail is not None else None
        return told if isinstance(told, dict) else {}


def digest_of(salt: str, detail: Mapping[str, Any]) -> str:
    """What of a detail stands in the chain: without the salt, nobody can guess a short one."""
    return hmac.digest(bytes.fromhex(salt), canonical(detail).encode(), "sha256").hex()


def hash_of(customer: str, link: Link) -> str:
    """The hash of an entry of this customer's chain."""
    fields = (
        link.previous,
        customer,
        str(link.seq),
        link.at,
        link.actor,
        link.action,
        link.operation,
        link.detail_digest,
    )
    raw = [one.encode() for one in fields]
    return sha256(
        BEGINNING + b"".join([(LENGTHS[len(one)] if len(one) < 256 else len(one).to_bytes(4)) + one for one in raw])
    ).hexdigest()


def fault_of(customer: str, link: Link, seq: int, previous: str) -> str:
    """What is wrong with an entry that should have this number and follow that hash, or nothing."""
    if link.seq != seq:
        return "an entry is missing"
    if link.previous != previous:
        return "it does not follow the entry before it"
    try:
        if link.hash != hash_of(customer, link):
            return "it was changed"
        return _fault_of_detail(link)
    except (ValueError, TypeError, AttributeError, RecursionError):  # somebody put there what no entry ever holds
        return "it was changed"


def _fault_of_detail(link: Link) -> str:
    if (link.detail is None) != (link.salt is None):
        return "its detail was half erased"
    if link.detail is None or link.salt is None:
        return ""
    return "" if link.detail_digest == digest_of(link.salt, decoded(link.detail)) else "its detail was changed"
