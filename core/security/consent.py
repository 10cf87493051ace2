"""Consent: who allowed what, at which shop, until when, and in which words. Checked before every action."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.tables import ConsentRow
from core.errors import NotFound, Refused
from core.security import audit
from core.security.audit import AuditAction, AuditEvent
from core.security.consent_text import ConsentText
from core.security.origin import Origin
from core.security.people import Visitor


class ConsentMissing(Refused):
    """Nobody has consented to this."""

    code: ClassVar[str] = "consent_required"


class ConsentExpired(ConsentMissing):
    """The consent to this has expired."""


class ConsentRevoked(ConsentMissing):
    """The consent to this was withdrawn."""


@dataclass(frozen=True)
class ConsentScope:
    """What a consent is about: an operation of a service at one shop, as far as these permissions go."""

    service: str
    operation: str
    origin: Origin
    permissions: frozenset[str]

    def within(self, given: "ConsentScope") -> bool:
        """Whether what was given covers this."""
        same_place = (self.service, self.operation, self.origin) == (given.service, given.operation, given.origin)
        return same_place and self.permissions <= given.permissions


@dataclass(frozen=True)
class Consent:
    """A consent as it was given."""

    id: UUID
    user_id: UUID
    scope: ConsentScope
    text_version: str
    text_sha256: str
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def covers(self, scope: ConsentScope, *, at: datetime) -> bool:
        """Whether this allows that, at that moment."""
        return self.revoked_at is None and at < self.expires_at and scope.within(self.scope)


def find_consent(session: CustomerSession, scope: ConsentScope, *, at: datetime) -> Consent | None:
    """The newest consent that covers this."""
    return next((one for one in consents(session) if one.covers(scope, at=at)), None)


def missing_permissions(session: CustomerSession, scope: ConsentScope, *, at: datetime) -> frozenset[str]:
    """What no single consent in force covers: nothing if one covers all."""
    given = [
        one.scope.permissions & scope.permissions
        for one in consents(session)
        if one.covers(ConsentScope(scope.service, scope.operation, scope.origin, frozenset()), at=at)
    ]
    return scope.permissions - max(given, key=len, default=frozenset())


def record_consent(
    session: CustomerSession, visitor: Visitor, scope: ConsentScope, text: ConsentText, *, at: datetime
) -> Consent:
    """Somebody agrees to these words."""
    row = ConsentRow(
        customer_id=visitor.customer_id,
        id=uuid4(),
        user_id=visitor.user_id,
        service=scope.service,
        operation=scope.operation,
        store_origin=str(scope.origin),
        permissions=sorted(scope.permissions),
        text_version=text.version,
        text_sha256=text.sha256,
        granted_at=at,
        expires_at=at + timedelta(days=text.days),
    )
    session.add(row)
    session.flush()
    _audit(session, visitor, AuditAction.CONSENT_GRANTED, row, at, {"until": row.expires_at.isoformat()})
    return _consent(row)


def withdraw_consent(
    session: CustomerSession, visitor: Visitor, consent_id: UUID, *, at: datetime, because: str
) -> Consent:
    """Somebody takes it back; a second time changes nothing. Raises NotFound."""
    row = session.get(ConsentRow, (visitor.customer_id, consent_id))
    if row is None:
        raise NotFound(because="There is no such consent.")
    if row.revoked_at is None:
        row.revoked_at, row.revoked_because = at, because
        session.add(row)
        _audit(session, visitor, AuditAction.CONSENT_REVOKED, row, at, {"because": because})
    return _consent(row)


def check_consent(session: CustomerSession, consent_id: UUID, scope: ConsentScope, *, at: datetime) -> None:
    """Return if this consent allows that now. Raises ConsentMissing, ConsentRevoked or ConsentExpired."""
    row = session.get(ConsentRow, (session.customer_id, consent_id), populate_existing=True)
    if row is None:
        raise ConsentMissing
    consent = _consent(row)
    if consent.revoked_at is not None:
        raise ConsentRevoked
    if at >= consent.expires_at:
        raise ConsentExpired
    if not consent.covers(scope, at=at):
        raise ConsentMissing(because="What was allowed is less than this needs.")


def consents(session: CustomerSession) -> tuple[Consent, ...]:
    """Every consent ever given, the newest first."""
    newest = select(ConsentRow).order_by(col(ConsentRow.granted_at).desc())
    return tuple(_consent(row) for row in session.exec(newest))


def _consent(row: ConsentRow) -> Consent:
    scope = ConsentScope(row.service, row.operation, Origin.of(row.store_origin), frozenset(row.permissions))
    return Consent(
        id=row.id,
        user_id=row.user_id,
        scope=scope,
        text_version=row.text_version,
        text_sha256=row.text_sha256,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _audit(
    session: CustomerSession, visitor: Visitor, action: AuditAction, row: ConsentRow, at: datetime, more: dict[str, str]
) -> None:
    detail = {
        "consent": str(row.id),
        "service": row.service,
        "operation": row.operation,
        "shop": row.store_origin,
        "permissions": " ".join(row.permissions),
        "textVersion": row.text_version,
        "textSha256": row.text_sha256,
    }
    audit.record(session, row.customer_id, AuditEvent(action, visitor.actor, detail=detail | more), at=at)
