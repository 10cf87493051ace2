"""The audit chain: one gap-free chain of hashed entries per customer, written in the transaction of what it tells.

    detail digest = HMAC-SHA256(salt, canonical JSON of the detail)
    hash = SHA-256("autopilot/audit/v1" ‖ previous ‖ customer ‖ seq ‖ at ‖ actor ‖ action ‖ operation ‖ detail digest)

Every field is prefixed with its length. A detail can be erased with its salt, and the chain still verifies.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import AuditHead, AuditRow

FIRST = "0" * 64  # what the first entry of a chain follows
VERIFIED_AT_ONCE = 1000  # entries read at a time


class AuditAction(StrEnum):
    """Everything that is ever recorded."""

    OPERATION_ASKED = "operation_asked"
    OPERATION_STARTED = "operation_started"
    OPERATION_RESUMED = "operation_resumed"
    OPERATION_STOP_ASKED = "operation_stop_asked"
    OPERATION_COMPLETED = "operation_completed"
    OPERATION_FAILED = "operation_failed"
    OPERATION_CANCELLED = "operation_cancelled"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_GIVEN = "approval_given"
    APPROVAL_DECLINED = "approval_declined"
    APPROVAL_REFUSED = "approval_refused"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_DECLINED = "question_declined"
    QUESTION_EXPIRED = "question_expired"
    QUESTION_VOID = "question_void"
    CONSENT_REQUESTED = "consent_requested"
    CONSENT_GRANTED = "consent_granted"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_SUPERSEDED = "consent_superseded"
    CONSENT_INVALIDATED = "consent_invalidated"
    MODEL_NOT_ASKED = "model_not_asked"
    PICTURES_DELETED = "pictures_deleted"
    STEP_INTENDED = "step_intended"
    STEP_CONCLUDED = "step_concluded"
    SECRET_STORED = "secret_stored"  # noqa: S105  the name of an event
    SECRET_USED = "secret_used"  # noqa: S105  the name of an event
    SECRET_DELETED = "secret_deleted"  # noqa: S105  the name of an event
    CONNECTION_SAVED = "connection_saved"
    CONNECTION_FORGOTTEN = "connection_forgotten"
    PRODUCTS_SYNCED = "products_synced"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_PICTURE_SEEN = "change_picture_seen"
    CHANGE_ACCEPTED = "change_accepted"
    CHANGE_SHARED = "change_shared"
    CHANGE_REFUSED = "change_refused"
    CHANGE_WITHDRAWN = "change_withdrawn"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    USER_ADDED = "user_added"
    TOKEN_ADDED = "token_added"  # noqa: S105  the name of an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105  the name of an event


@dataclass(frozen=True)
class AuditEvent:
    """Something that happens. `actor` is an id, never a name; `detail` holds plain JSON values and no secret."""

    action: AuditAction
    actor: str
    operation_id: UUID | None = None
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the chain; `detail` is None once it was erased."""

    seq: int
    at: datetime
    actor: str
    action: str
    operation_id: UUID | None
    detail: Mapping[str, Any] | None
    hash: str


@dataclass(frozen=True)
class Verification:
    """Whether a chain is whole: how many entries it has, and the first that is not as it was written."""

    intact: bool
    events: int
    first_broken: int | None = None
    because: str = ""


def record(session: CustomerSession, customer_id: UUID, event: AuditEvent, *, at: datetime) -> int:
    """Add an entry to the customer's chain, as part of this transaction; its number."""
    session.flush()
    head = session.exec(select(AuditHead).where(col(AuditHead.customer_id) == customer_id).with_for_update()).first()
    if head is None:
        head = AuditHead(customer_id=customer_id, seq=0, hash=FIRST)
    salt = os.urandom(32).hex()
    row = AuditRow(
        customer_id=customer_id,
        seq=head.seq + 1,
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor=event.actor,
        action=event.action,
        operation_id=event.operation_id,
        detail=dict(event.detail),
        salt=salt,
        detail_digest=_digest(salt, event.detail),
        previous=head.hash,
        hash="",
    )
    row.hash = _hash(row)
    head.seq, head.hash = row.seq, row.hash
    session.add(row)
    session.add(head)
    session.flush()
    return row.seq


def verify(session: CustomerSession, customer_id: UUID) -> Verification:
    """Recompute the whole chain and hold it against its head."""
    previous, seq = FIRST, 0
    while rows := _after(session, customer_id, seq):
        for row in rows:
            seq += 1
            if broken := _fault(row, seq, previous):
                return Verification(intact=False, events=seq, first_broken=seq, because=broken)
            previous = row.hash
    head = session.get(AuditHead, customer_id)
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        return Verification(intact=False, events=seq, first_broken=seq + 1, because="entries are missing at the end")
    return Verification(intact=True, events=seq)


def read(
    session: CustomerSession, *, operation_id: UUID | None = None, before_seq: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Entries, the newest first; of one operation, if it is given."""
    newest = select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(limit)
    if operation_id is not None:
        newest = newest.where(col(AuditRow.operation_id) == operation_id)
    if before_seq is not None:
        newest = newest.where(col(AuditRow.seq) < before_seq)
    return tuple(
        AuditEntry(
            row.seq, datetime.fromisoformat(row.at), row.actor, row.action, row.operation_id, row.detail, row.hash
        )
        for row in session.exec(newest)
    )


def _after(session: CustomerSession, customer_id: UUID, seq: int) -> Sequence[AuditRow]:
    following = select(AuditRow).where(col(AuditRow.customer_id) == customer_id, col(AuditRow.seq) > seq)
    return session.exec(following.order_by(col(AuditRow.seq)).limit(VERIFIED_AT_ONCE)).all()


def _fault(row: AuditRow, seq: int, previous: str) -> str:
    """What is wrong with an entry, or nothing."""
    if row.seq != seq:
        return "an entry is missing"
    if row.previous != previous:
        return "it does not follow the entry before it"
    if row.hash != _hash(row):
        return "it was changed"
    if (row.detail is None) != (row.salt is None):
        return "its detail was half erased"
    if row.detail is not None and row.salt is not None and row.detail_digest != _digest(row.salt, row.detail):
        return "its detail was changed"
    return ""


def _digest(salt: str, detail: Mapping[str, Any]) -> str:
    canonical = json.dumps(dict(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(bytes.fromhex(salt), canonical.encode(), hashlib.sha256).hexdigest()


def _hash(row: AuditRow) -> str:
    operation = str(row.operation_id) if row.operation_id else ""
    fields = (row.previous, str(row.customer_id), str(row.seq), row.at, row.actor, row.action, operation)
    digest = hashlib.sha256(b"autopilot/audit/v1")
    for one in (*fields, row.detail_digest):
        raw = one.encode()
        digest.update(len(raw).to_bytes(4) + raw)
    return digest.hexdigest()
