"""The audit chain: one gap-free chain of hashed entries per customer, written in the transaction of what it tells.

What is hashed stands in chain.py. A detail can be erased with its salt, by `erase_details` alone: the chain still
verifies, and an entry of its own says what was erased, why and for whom.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, null, update
from sqlmodel import col, select

from core.database.columns import storable
from core.database.session import CustomerSession
from core.database.tables import AuditHead, AuditRow
from core.security.audit.chain import FIRST, Link, canonical, digest_of, hash_of
from core.security.audit.stored import ERASURE, KEPT, PICTURES
from core.security.audit.verification import Verification, verify

__all__ = [
    "FIRST",
    "AuditAction",
    "AuditEntry",
    "AuditEvent",
    "Erased",
    "Verification",
    "erasable",
    "erase_details",
    "locked_head",
    "read",
    "record",
    "verify",
]


class AuditAction(StrEnum):
    """Everything that is ever recorded."""

    OPERATION_ASKED = "operation_asked"
    OPERATION_STARTED = "operation_started"
    OPERATION_RESUMED = "operation_resumed"
    OPERATION_RETRIED = "operation_retried"
    OPERATION_TRIED_NOW = "operation_tried_now"
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
    STEP_INTENDED = "step_intended"
    STEP_CONCLUDED = "step_concluded"
    SECRET_STORED = "secret_stored"  # noqa: S105  the name of an event
    SECRET_RESEALED = "secret_resealed"  # noqa: S105  the name of an event
    SECRET_LIMITED = "secret_limited"  # noqa: S105  the name of an event
    SECRET_USED = "secret_used"  # noqa: S105  the name of an event
    SECRET_DELETED = "secret_deleted"  # noqa: S105  the name of an event
    DATA_KEY_MADE = "data_key_made"
    DATA_KEY_REWRAPPED = "data_key_rewrapped"
    DATA_KEYS_DESTROYED = "data_keys_destroyed"
    CONNECTION_SAVED = "connection_saved"
    CONNECTION_FORGOTTEN = "connection_forgotten"
    CONNECTION_BROKEN = "connection_broken"
    CONNECTION_WORKS = "connection_works"
    SCHEDULE_ADDED = "schedule_added"
    SCHEDULE_PAUSED = "schedule_paused"
    SCHEDULE_REMOVED = "schedule_removed"
    PRODUCTS_SYNCED = "products_synced"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_PICTURE_SEEN = "change_picture_seen"
    CHANGE_ACCEPTED = "change_accepted"
    CHANGE_SHARED = "change_shared"
    CHANGE_REFUSED = "change_refused"
    CHANGE_WITHDRAWN = "change_withdrawn"
    EXPORT_ASKED = "export_asked"
    DELETION_ASKED = "deletion_asked"
    CUSTOMER_DELETED = "customer_deleted"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SECOND_FACTOR_REFUSED = "second_factor_refused"
    SECOND_FACTOR_USED = "second_factor_used"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of an event
    ACCESS_REFUSED = "access_refused"
    USER_ADDED = "user_added"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    ROLE_CHANGED = "role_changed"
    PEOPLE_SEEN = "people_seen"
    TOKEN_ADDED = "token_added"  # noqa: S105  the name of an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105  the name of an event
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_REMOVED = "webhook_removed"
    NOTIFICATION_FAILED = "notification_failed"
    STAFF_ACCESS_OPENED = "staff_access_opened"
    STAFF_ACCESS_ENDED = "staff_access_ended"
    AUDIT_EXPORTED = "audit_exported"
    DETAILS_ERASED = ERASURE
    PICTURES_DELETED = PICTURES
    STEP_UNKNOWN = "step_unknown"
    DEMO_RESET = "demo_reset"


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
class Erased:
    """How many details were erased, and up to which entry."""

    details: int
    up_to: int


def record(session: CustomerSession, customer_id: UUID, event: AuditEvent, *, at: datetime) -> int:
    """Add an entry to the customer's chain, as part of this transaction; its number."""
    head = locked_head(session, customer_id)
    salt = os.urandom(32).hex()
    detail = {name: storable(told) if isinstance(told, str) else told for name, told in event.detail.items()}
    link = Link(
        seq=head.seq + 1,
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor=event.actor,
        action=event.action,
        operation=str(event.operation_id) if event.operation_id else "",
        detail=canonical(detail),
        salt=salt,
        detail_digest=digest_of(salt, detail),
        previous=head.hash,
        hash="",
    )
    row = AuditRow(
        customer_id=customer_id,
        seq=link.seq,
        at=link.at,
        actor=link.actor,
        action=link.action,
        operation_id=event.operation_id,
        detail=detail,
        salt=salt,
        detail_digest=link.detail_digest,
        previous=link.previous,
        hash=hash_of(str(customer_id), link),
    )
    head.seq, head.hash = row.seq, row.hash
    session.add(row)
    session.add(head)
    session.flush()
    return row.seq


def locked_head(session: CustomerSession, customer_id: UUID) -> AuditHead:
    """The newest link of a chain, which nobody else moves until this transaction ends."""
    session.flush()
    newest = select(AuditHead).where(col(AuditHead.customer_id) == customer_id).with_for_update()
    head = session.exec(newest, execution_options={"populate_existing": True}).first()
    return head or AuditHead(customer_id=customer_id, seq=0, hash=FIRST)


def erasable(session: CustomerSession, customer_id: UUID, before: datetime | None = None) -> Erased:
    """What `erase_details` would erase: of all entries, or of those from before a moment."""
    mine = col(AuditRow.customer_id) == customer_id
    last = select(func.max(AuditRow.seq)).where(mine)
    if before is not None:
        newer = col(AuditRow.at) >= before.astimezone(UTC).isoformat(timespec="microseconds")
        first_newer = session.exec(select(func.min(AuditRow.seq)).where(mine, newer)).one()
        last = last if first_newer is None else last.where(col(AuditRow.seq) < first_newer)
    up_to = session.exec(last).one() or 0
    counted = select(func.count()).select_from(AuditRow).where(mine, col(AuditRow.seq) <= up_to, *_has_detail())
    return Erased(session.exec(counted).one(), up_to)


def erase_details(
    session: CustomerSession, customer_id: UUID, up_to: int | None = None, *, because: str, actor: str, at: datetime
) -> Erased:
    """Erase details and salts up to an entry, or all, and record that: which, on what ground, for whom.

    What says that something was erased or deleted stays: it holds nothing personal, and verification asks for it.
    Nothing to erase leaves no entry.
    """
    head = locked_head(session, customer_id)
    last = head.seq if up_to is None else min(up_to, head.seq)
    erased = session.execute(
        update(AuditRow)
        .where(col(AuditRow.customer_id) == customer_id, col(AuditRow.seq) <= last, *_has_detail())
        .values(detail=null(), salt=null()),
        execution_options={"synchronize_session": False},
    )
    count: int = erased.rowcount  # type: ignore[attr-defined]  # the result of an UPDATE has one
    if count:
        detail: dict[str, str | int | bool | None]
        detail = {"first": 1, "last": last, "details": count, "ground": because, "requester": actor}
        record(session, customer_id, AuditEvent(AuditAction.DETAILS_ERASED, actor, detail=detail), at=at)
    for row in session.identity_map.values():
        if isinstance(row, AuditRow):
            session.expire(row, ["detail", "salt"])
    return Erased(count, last)


def read(
    session: CustomerSession,
    *,
    operation_id: UUID | None = None,
    before_seq: int | None = None,
    limit: int = 100,
    where: Sequence[ColumnElement[bool]] = (),
) -> tuple[AuditEntry, ...]:
    """Entries, the newest first; of one operation, if it is given, and those for which all the rest holds."""
    newest = select(AuditRow).where(*where).order_by(col(AuditRow.seq).desc()).limit(limit)
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


def _has_detail() -> tuple[ColumnElement[bool], ...]:
    """What can be erased of an entry; JSON's own null is not the absence of a detail."""
    return col(AuditRow.salt).is_not(None), col(AuditRow.action).not_in(KEPT)
