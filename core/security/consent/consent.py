"""Consent: who allowed what, at which shop, until when, and in which words. Checked before every action.

    requested → given | refused        given → withdrawn | expired | superseded | invalidated

A row is a consent that was given, and how it ended; every move is an entry of the audit chain. Only one that is given,
and whose time is not over, allows anything.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import ConsentEnding
from core.database.tables import AuditHead, ConsentRow
from core.errors import NotFound, Refused
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.agreement import Consent, ConsentScope, Purpose, Recipient, Wording
from core.security.consent.consent_text import major
from core.security.origin import Origin
from core.security.people.people import Visitor

__all__ = [
    "Consent",
    "ConsentExpired",
    "ConsentMissing",
    "ConsentRevoked",
    "ConsentScope",
    "Purpose",
    "Wording",
    "check_consent",
    "consent_of",
    "consents",
    "end_all",
    "end_consent",
    "find_consent",
    "missing_permissions",
    "record_consent",
    "record_refusal",
    "was_allowed_in_other_words",
    "withdraw_consent",
]

ENDED_AS = {
    ConsentEnding.WITHDRAWN: AuditAction.CONSENT_REVOKED,
    ConsentEnding.EXPIRED: AuditAction.CONSENT_EXPIRED,
    ConsentEnding.SUPERSEDED: AuditAction.CONSENT_SUPERSEDED,
    ConsentEnding.INVALIDATED: AuditAction.CONSENT_INVALIDATED,
}


class ConsentMissing(Refused):
    """Nobody has consented to this."""

    code: ClassVar[str] = "consent_required"


class ConsentExpired(ConsentMissing):
    """The consent to this has expired."""


class ConsentRevoked(ConsentMissing):
    """The consent to this was withdrawn."""


def find_consent(
    session: CustomerSession, scope: ConsentScope, *, at: datetime, text_version: str | None = None
) -> Consent | None:
    """The newest consent that covers this; with a version, only one to words that still hold in it."""
    return next((one for one in consents(session) if one.covers(scope, at=at) and _holds(one, text_version)), None)


def missing_permissions(
    session: CustomerSession, scope: ConsentScope, *, at: datetime, text_version: str | None = None
) -> frozenset[str]:
    """What no single consent in force covers: nothing if one covers all."""
    nothing = replace(scope, permissions=frozenset[str]())
    given = [
        one.scope.permissions & scope.permissions
        for one in consents(session)
        if one.covers(nothing, at=at) and _holds(one, text_version)
    ]
    return scope.permissions - max(given, key=len, default=frozenset())


def was_allowed_in_other_words(
    session: CustomerSession, scope: ConsentScope, *, at: datetime, text_version: str | None
) -> bool:
    """Whether somebody has agreed to this, and only the text has changed since."""
    given = find_consent(session, scope, at=at)
    return given is not None and find_consent(session, scope, at=at, text_version=text_version) is None


def record_consent(
    session: CustomerSession, visitor: Visitor, scope: ConsentScope, wording: Wording, *, at: datetime
) -> Consent:
    """Somebody agrees to these words. Whatever was given for this purpose at this place before is superseded, be it wider."""
    _lock_chain(session, visitor.customer_id)
    older = [one for one in consents(session) if one.is_in_force(at) and one.scope.place == scope.place]
    ended = [one for one in older if end_consent(session, visitor.actor, one.id, ConsentEnding.SUPERSEDED, at=at)]
    text, given = wording.text, wording.given
    row = ConsentRow(
        customer_id=visitor.customer_id,
        id=uuid4(),
        user_id=visitor.user_id,
        purpose=scope.purpose.value,
        service=scope.service,
        operation=scope.operation,
        store_origin=str(scope.origin),
        permissions=sorted(scope.permissions),
        text_id=text.id,
        text_version=text.version,
        text_sha256=text.sha256,
        language=text.language,
        shown_at=given.shown_at,
        surface=given.surface.value,
        method=given.method,
        session_sha256=given.session_sha256,
        ip_prefix=given.ip_prefix,
        terms=dict(wording.terms),
        receipt_id=uuid4(),
        supersedes=ended[0].id if ended else None,
        granted_at=at,
        expires_at=at + timedelta(days=text.days),
    )
    detail = {"until": row.expires_at.isoformat(), "surface": given.surface.value, "receipt": str(row.receipt_id)}
    row.audit_seq = _audit(session, visitor.actor, AuditAction.CONSENT_GRANTED, row, at, detail)
    row.audit_hash = _lock_chain(session, visitor.customer_id)
    session.add(row)
    session.flush()
    return consent_of(row)


def record_refusal(
    session: CustomerSession, visitor: Visitor, scope: ConsentScope, wording: Wording, *, at: datetime
) -> None:
    """Somebody read these words and did not agree; what they had agreed to for this purpose before is withdrawn."""
    _lock_chain(session, visitor.customer_id)
    if scope.purpose is not Purpose.ACT:
        end_all(session, visitor.actor, scope, ConsentEnding.WITHDRAWN, at=at, because="not allowed again")
    detail = {
        "purpose": scope.purpose.value,
        "service": scope.service,
        "operation": scope.operation,
        "shop": str(scope.origin),
        "textVersion": wording.text.version,
        "textSha256": wording.text.sha256,
        "surface": wording.given.surface.value,
        "method": wording.given.method,
    }
    event = AuditEvent(AuditAction.CONSENT_REFUSED, visitor.actor, detail=detail)
    audit_log.record(session, visitor.customer_id, event, at=at)


def withdraw_consent(
    session: CustomerSession, visitor: Visitor, consent_id: UUID, *, at: datetime, because: str
) -> Consent:
    """Somebody takes it back; a second time changes nothing. Raises NotFound."""
    end_consent(session, visitor.actor, consent_id, ConsentEnding.WITHDRAWN, at=at, because=because)
    return consent_of(_row(session, consent_id))


def end_consent(
    session: CustomerSession, actor: str, consent_id: UUID, ending: ConsentEnding, *, at: datetime, because: str = ""
) -> bool:
    """Whether this has ended it: only the first does. Raises NotFound."""
    row = _row(session, consent_id)
    _lock_chain(session, row.customer_id)  # before the row: whoever agrees anew does it in this order, too
    mine = update(ConsentRow).where(col(ConsentRow.id) == consent_id, col(ConsentRow.ended_at).is_(None))
    values = {"ended_at": at, "ended_as": ending.value, "ended_because": because or None}
    changed = session.execute(mine.values(**values), execution_options={"synchronize_session": "fetch"})
    if not isinstance(changed, CursorResult) or changed.rowcount != 1:
        return False
    _audit(session, actor, ENDED_AS[ending], row, at, {"because": because} if because else {})
    return True


def end_all(
    session: CustomerSession, actor: str, scope: ConsentScope, ending: ConsentEnding, *, at: datetime, because: str
) -> None:
    """End every consent that stands for this purpose at this place."""
    for one in consents(session):
        if one.ended_at is None and one.scope.place == scope.place:
            end_consent(session, actor, one.id, ending, at=at, because=because)


def check_consent(session: CustomerSession, consent_id: UUID, scope: ConsentScope, *, at: datetime) -> None:
    """Return if this consent allows that now. Raises ConsentMissing, ConsentRevoked or ConsentExpired.

    Which words it was given to makes no difference here: what has begun goes on within what was agreed to.
    """
    row = session.get(ConsentRow, (session.customer_id, consent_id), populate_existing=True)
    if row is None:
        raise ConsentMissing
    consent = consent_of(row)
    if consent.ended_at is not None and consent.ended_as is not ConsentEnding.EXPIRED:
        raise ConsentRevoked
    if consent.ended_at is not None or at >= consent.expires_at:
        raise ConsentExpired
    if not consent.covers(scope, at=at):
        raise ConsentMissing(because="What was allowed is less than this needs.")


def consents(session: CustomerSession) -> tuple[Consent, ...]:
    """Every consent ever given, the newest first, as it is now."""
    newest = select(ConsentRow).order_by(col(ConsentRow.granted_at).desc(), col(ConsentRow.audit_seq).desc())
    return tuple(consent_of(row) for row in session.exec(newest, execution_options={"populate_existing": True}))


def consent_of(row: ConsentRow) -> Consent:
    """A row as it is understood."""
    origin, purpose = Origin.of(row.store_origin), Purpose(row.purpose)
    return Consent(
        id=row.id,
        user_id=row.user_id,
        scope=ConsentScope(row.service, row.operation, origin, frozenset(row.permissions), purpose),
        text_version=row.text_version,
        text_sha256=row.text_sha256,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_as=ConsentEnding(row.ended_as) if row.ended_as else None,
        recipients=frozenset(Recipient(**one) for one in (row.terms or {}).get("recipients", ())),
    )


def _holds(consent: Consent, text_version: str | None) -> bool:
    """Whether what was agreed to is still what this version says; a mere word may have changed."""
    return text_version is None or major(consent.text_version) == major(text_version)


def _lock_chain(session: CustomerSession, customer_id: UUID) -> str:
    """Let nobody else of the customer agree or refuse until this transaction ends; the hash of the newest entry."""
    session.flush()
    mine = select(AuditHead).where(col(AuditHead.customer_id) == customer_id).with_for_update()
    head = session.exec(mine, execution_options={"populate_existing": True}).first()
    return head.hash if head else audit_log.FIRST


def _row(session: CustomerSession, consent_id: UUID) -> ConsentRow:
    row = session.get(ConsentRow, (session.customer_id, consent_id), populate_existing=True)
    if row is None:
        raise NotFound(because="There is no such consent.")
    return row


def _audit(
    session: CustomerSession, actor: str, action: AuditAction, row: ConsentRow, at: datetime, more: dict[str, str]
) -> int:
    detail = {
        "consent": str(row.id),
        "purpose": row.purpose,
        "service": row.service,
        "operation": row.operation,
        "shop": row.store_origin,
        "permissions": " ".join(row.permissions),
        "textVersion": row.text_version,
        "textSha256": row.text_sha256,
    }
    return audit_log.record(session, row.customer_id, AuditEvent(action, actor, detail=detail | more), at=at)
