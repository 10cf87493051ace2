"""A consent as its giver sees it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database.states import ConsentEnding
from core.security.consent.agreement import Consent, Purpose
from core.security.consent.consent_text import major


@dataclass(frozen=True)
class ConsentView:
    """A consent as its giver sees it. `text_has_changed`: it allows nothing new, because what it says holds no more."""

    id: UUID
    purpose: Purpose
    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...]
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_as: ConsentEnding | None
    text_version: str
    text_has_changed: bool
    in_force: bool

    @property
    def revoked_at(self) -> datetime | None:
        """When it was withdrawn, if it was."""
        return self.ended_at if self.ended_as is ConsentEnding.WITHDRAWN else None


def consent_view(consent: Consent, now: datetime, *, text_version: str) -> ConsentView:
    """A consent as its giver sees it at this moment, with the text of this version."""
    scope = consent.scope
    return ConsentView(
        id=consent.id,
        purpose=scope.purpose,
        service=scope.service,
        operation=scope.operation,
        store_url=str(scope.origin),
        permissions=tuple(sorted(scope.permissions)),
        granted_at=consent.granted_at,
        expires_at=consent.expires_at,
        ended_at=consent.ended_at,
        ended_as=consent.ended_as,
        text_version=consent.text_version,
        text_has_changed=major(consent.text_version) != major(text_version),
        in_force=consent.is_in_force(now),
    )
