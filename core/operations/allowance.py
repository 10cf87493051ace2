"""What an operation may do at this moment: asked in the transaction of whatever is about to be done."""

from datetime import datetime

from core.database.session import CustomerSession
from core.database.tables import ConsentRow, OperationRow
from core.security.consent.agreement import Consent, ConsentScope, Purpose, Recipient
from core.security.consent.consent import ConsentMissing, check_consent, consent_of, consents
from core.security.consent.consent_text import major
from core.security.origin import Origin

# Whoever agreed to act in the first text was told of these with it, and asked for neither by itself.
FIRST_TEXT, TOLD_WITH_ACT = "1", frozenset({Purpose.STORE_SIGN_IN, Purpose.KEEP_PICTURES})


def scope_of(row: OperationRow) -> ConsentScope:
    """What an operation needs consent to."""
    return ConsentScope(row.service, row.operation, Origin.of(row.store_origin), frozenset(row.permissions))


def check_allowed(session: CustomerSession, row: OperationRow, now: datetime) -> None:
    """Return if what the operation asks for is still allowed. Raises ConsentMissing, ConsentRevoked or ConsentExpired."""
    if row.consent_id is None:
        raise ConsentMissing
    check_consent(session, row.consent_id, scope_of(row), at=now)


def check_sign_in_allowed(session: CustomerSession, row: OperationRow, now: datetime) -> None:
    """Return if the shop's sign-in may be used for the operation. Raises ConsentMissing."""
    check_allowed(session, row, now)
    if not is_allowed_too(session, row, Purpose.STORE_SIGN_IN, now):
        raise ConsentMissing(because="Nobody allows that the shop's sign-in is kept, or not any more.")


def is_allowed_too(
    session: CustomerSession, row: OperationRow, purpose: Purpose, now: datetime, recipient: Recipient | None = None
) -> bool:
    """Whether this is allowed beside acting: in words of the same version, or in newer ones.

    It has to have named whoever is sent something for it now, and nobody else: a setting may have put another in their place.
    """
    act, scope = consent_under(session, row), scope_of(row).for_purpose(purpose)
    if act is None:
        return False
    given = [one for one in consents(session) if one.scope.place == scope.place]
    if not given and purpose in TOLD_WITH_ACT:
        return major(act.text_version) == FIRST_TEXT
    return any(
        one.covers(scope, at=now)
        and one.recipients == (frozenset({recipient}) if recipient else frozenset())
        and (major(one.text_version) == major(act.text_version) or one.granted_at >= act.granted_at)
        for one in given
    )


def lost_since(session: CustomerSession, row: OperationRow, purpose: Purpose, now: datetime) -> bool:
    """Whether this was allowed beside acting when the operation began, and is not any more."""
    place = scope_of(row).for_purpose(purpose).place
    newest = next((one for one in consents(session) if one.scope.place == place), None)
    if newest is None or newest.is_in_force(now):
        return False
    return (newest.ended_at or newest.expires_at) >= (row.started_at or row.created_at)


def consent_under(session: CustomerSession, row: OperationRow) -> Consent | None:
    """The consent that an operation stands on."""
    if row.consent_id is None:
        return None
    found = session.get(ConsentRow, (row.customer_id, row.consent_id), populate_existing=True)
    return consent_of(found) if found else None
