"""A receipt of a consent: all that was recorded of it, signed, for whoever gave it to keep and to show.

    Ed25519 over  "autopilot/consent-receipt/v1" newline canonical JSON of `receipt`

Canonical is: keys sorted, no spaces, UTF-8, nothing escaped that need not be. Fields are those of ISO/IEC TS 27560:2023.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from core.database.states import ConsentEnding
from core.database.tables import ConsentRow
from core.errors import CoreError, NotFound
from core.security.keys.signing import PublicKey, SigningKey, is_signed

FIRST_LINE = "autopilot/consent-receipt/v1"
HOW_TO_VERIFY = (
    "Take the value of “receipt” as JSON with sorted keys, without spaces, in UTF-8; put the line "
    f"“{FIRST_LINE}” and a newline before it; verify the signature (base64, Ed25519) with the public key. "
    "Ask whoever runs this Autopilot for the key by another way than this file: "
    "`autopilot consents verify FILE` does both."
)


class BadReceipt(CoreError):
    """This receipt is not as it was signed."""

    code: ClassVar[str] = "bad_receipt"


def receipt_of(row: ConsentRow, *, at: datetime) -> dict[str, Any]:
    """What a receipt says. Raises NotFound for a consent of the first versions, which recorded too little."""
    if not row.terms or not has_receipt(row):
        raise NotFound(because="This consent was given before there were receipts.")
    return {
        **_header(row),
        **{name: value for name, value in row.terms.items() if name not in {"constraints", "withdrawal"}},
        "withdrawalMethod": row.terms.get("withdrawal", ""),
        "constraints": {
            **row.terms["constraints"],
            "notBefore": _moment(row.granted_at),
            "expiresAt": _moment(row.expires_at),
        },
        "event": _event(row),
        "state": _state(row, at),
        "proof": {"stream": str(row.customer_id), "seq": row.audit_seq, "hash": row.audit_hash},
        "issuedAt": _moment(at),
    }


def has_receipt(row: ConsentRow) -> bool:
    """Whether there is one: the first versions recorded too little."""
    return row.receipt_id is not None and bool(row.terms)


def signed(receipt: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """The receipt with its signature, and all that is needed to verify it."""
    return {
        "receipt": dict(receipt),
        "signature": {
            "algorithm": "Ed25519",
            "firstLine": FIRST_LINE,
            "keyId": key.public.id,
            "value": key.sign(_text(receipt)),
            "publicKey": key.public.pem(),
        },
        "howToVerify": HOW_TO_VERIFY,
    }


def verify_receipt(document: Any, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """What the receipt says, if one of these keys has signed it; the key that it brings along proves nothing.

    Raises BadReceipt.
    """
    match document:
        case {"receipt": dict(receipt), "signature": {"keyId": str(key_id), "value": str(value)}}:
            pass
        case _:
            raise BadReceipt(because="It has no receipt, or no signature.")
    if key_id not in keys:
        raise BadReceipt(because=f"It was signed with another key ({key_id}).")
    if not is_signed(keys, key_id, _text(receipt), value):
        raise BadReceipt(because="The signature does not fit what it says.")
    return receipt


def _header(row: ConsentRow) -> dict[str, Any]:
    return {
        "receiptId": str(row.receipt_id),
        "consentId": str(row.id),
        "customerId": str(row.customer_id),
        "principalId": str(row.user_id),
        "supersedes": str(row.supersedes) if row.supersedes else None,
        "consentTo": row.purpose,
        "service": row.service,
        "operation": row.operation,
        "shop": row.store_origin,
        "permissions": sorted(row.permissions),
        "text": {
            "id": row.text_id,
            "version": row.text_version,
            "sha256": row.text_sha256,
            "language": row.language,
            "shownAt": _moment(row.shown_at),
            "surface": row.surface,
        },
    }


def _event(row: ConsentRow) -> dict[str, Any]:
    return {
        "type": "explicit",
        "state": "given",
        "previousState": "requested",
        "time": _moment(row.granted_at),
        "actor": f"user:{row.user_id}",
        "method": row.method,
        "sessionSha256": row.session_sha256,
        "ipPrefix": row.ip_prefix,
    }


def _state(row: ConsentRow, at: datetime) -> dict[str, Any]:
    """How it stands when the receipt is issued."""
    over = ConsentEnding.EXPIRED.value if at >= row.expires_at else "given"
    return {"now": row.ended_as or over, "endedAt": _moment(row.ended_at), "because": row.ended_because}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _text(receipt: Mapping[str, Any]) -> str:
    return f"{FIRST_LINE}\n{json.dumps(receipt, sort_keys=True, separators=(',', ':'), ensure_ascii=False)}"
