"""Giving and withdrawing consent, and what follows from it for the operations that stand on it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from core.agents.integration import Integration, Integrations
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import Conflict, NotFound
from core.operations.ending import EndingWriter
from core.operations.progress import ProgressBus
from core.operations.queue import JobQueue
from core.operations.service import open_operations, scope_of
from core.security import audit
from core.security.audit import AuditAction, AuditEvent
from core.security.authorize import Action, authorize
from core.security.consent import Consent, ConsentScope, consents, record_consent, withdraw_consent
from core.security.consent_text import ConsentText, ConsentTexts
from core.security.people import Visitor


class NothingAwaitsConsent(Conflict):
    """This operation does not wait for consent."""

    code: ClassVar[str] = "nothing_awaits_consent"


@dataclass(frozen=True)
class ConsentRequest:
    """What somebody is about to agree to."""

    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentLine:
    """One sentence of the consent: a permission that can be given. Optional ones are not ticked beforehand."""

    permission: str
    sentence: str
    optional: bool


@dataclass(frozen=True)
class ConsentSheet:
    """What the consent dialog shows."""

    heading: str
    intro: str
    will: tuple[ConsentLine, ...]
    will_not: tuple[str, ...]
    kept: tuple[str, ...]
    days: int
    version: str
    sha256: str


@dataclass(frozen=True)
class ConsentView:
    """A consent as its giver sees it."""

    id: UUID
    service: str
    operation: str
    store_url: str
    permissions: tuple[str, ...]
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    text_version: str
    in_force: bool


@dataclass(frozen=True)
class ConsentTools:
    """What the desk works with."""

    database: Database
    queue: JobQueue
    progress: ProgressBus
    integrations: Integrations
    texts: ConsentTexts
    endings: EndingWriter
    clock: Clock


class ConsentDesk:
    """Where consent is shown, given and withdrawn."""

    def __init__(self, tools: ConsentTools) -> None:
        self._tools = tools

    def sheet(self, request: ConsentRequest) -> ConsentSheet:
        """What somebody would agree to. Raises what makes the request unusable."""
        integration = self._tools.integrations.get(request.service, request.operation)
        origin = integration.origin_of(request.store_url)
        text = self._text(integration)
        return ConsentSheet(
            heading=text.heading.format(shop=str(origin).partition("://")[2]),
            intro=integration.intro or text.intro,
            will=tuple(
                ConsentLine(one.name, one.will, optional=one.name not in integration.required)
                for one in integration.permissions
            ),
            will_not=integration.will_not,
            kept=integration.kept,
            days=text.days,
            version=text.version,
            sha256=text.sha256,
        )

    async def grant(self, visitor: Visitor, request: ConsentRequest) -> ConsentView:
        """Record a consent, and let the operations begin that waited for just this: one transaction."""
        authorize(visitor, Action.DECIDE_CONSENT)
        integration = self._tools.integrations.get(request.service, request.operation)
        permissions = integration.allowed(request.permissions)
        scope = ConsentScope(request.service, request.operation, integration.origin_of(request.store_url), permissions)
        use_case = partial(self._grant, visitor, scope, self._text(integration))
        return await self._tools.database.run(visitor.customer_id, use_case)

    async def grant_for(self, visitor: Visitor, operation_id: UUID) -> ConsentView:
        """Consent to what one waiting operation asks for. Raises NotFound or NothingAwaitsConsent."""
        row = await self._tools.database.read(
            visitor.customer_id, lambda session: session.get(OperationRow, (visitor.customer_id, operation_id))
        )
        if row is None:
            raise NotFound(because="There is no such operation.")
        if row.status != OperationStatus.AWAITING_CONSENT:
            raise NothingAwaitsConsent(because=f"It is: {OperationStatus(row.status).words.lower()}.")
        return await self.grant(
            visitor, ConsentRequest(row.service, row.operation, row.store_origin, tuple(row.permissions))
        )

    async def revoke(self, visitor: Visitor, consent_id: UUID, because: str) -> ConsentView:
        """Withdraw a consent; what runs or waits under it stops at once. Raises NotFound."""
        authorize(visitor, Action.DECIDE_CONSENT)
        use_case = partial(self._revoke, visitor, consent_id, because)
        return await self._tools.database.run(visitor.customer_id, use_case)

    async def list(self, visitor: Visitor) -> tuple[ConsentView, ...]:
        """Every consent ever given, the newest first."""
        now = self._tools.clock.now()
        given = await self._tools.database.read(visitor.customer_id, consents)
        return tuple(consent_view(one, now) for one in given)

    def _text(self, integration: Integration) -> ConsentText:
        own_intro = (integration.intro,) if integration.intro else ()
        will = tuple(one.will for one in integration.permissions)
        return self._tools.texts.current((*own_intro, *will, *integration.will_not, *integration.kept))

    def _grant(self, visitor: Visitor, scope: ConsentScope, text: ConsentText, session: CustomerSession) -> ConsentView:
        now = self._tools.clock.now()
        still_open = open_operations(session)
        consent = record_consent(session, visitor, scope, text, at=now)
        for row in still_open:
            if row.status == OperationStatus.AWAITING_CONSENT and consent.covers(scope_of(row), at=now):
                begins = self._tools.integrations.get(row.service, row.operation).begins
                row.status, row.consent_id = begins, consent.id
                session.add(row)
                if begins is OperationStatus.PENDING:
                    self._tools.queue.enqueue(session, row.customer_id, row.id)
                self._tell(session, row)
        return consent_view(consent, now)

    def _revoke(self, visitor: Visitor, consent_id: UUID, because: str, session: CustomerSession) -> ConsentView:
        now = self._tools.clock.now()
        still_open = open_operations(session)
        consent = withdraw_consent(session, visitor, consent_id, at=now, because=because)
        for row in still_open:
            if row.consent_id == consent_id:
                self._tools.endings.stop(session, row, f"Consent was withdrawn: {because}")
                self._tools.queue.stop(session, row.id, because)
                event = AuditEvent(AuditAction.OPERATION_CANCELLED, visitor.actor, row.id, {"because": because})
                audit.record(session, row.customer_id, event, at=now)
                self._tell(session, row)
        return consent_view(consent, now)

    def _tell(self, session: CustomerSession, row: OperationRow) -> None:
        session.after_commit(partial(self._tools.progress.publish, row.customer_id, row.id))


def consent_view(consent: Consent, now: datetime) -> ConsentView:
    """A consent as its giver sees it at this moment."""
    scope = consent.scope
    return ConsentView(
        id=consent.id,
        service=scope.service,
        operation=scope.operation,
        store_url=str(scope.origin),
        permissions=tuple(sorted(scope.permissions)),
        granted_at=consent.granted_at,
        expires_at=consent.expires_at,
        revoked_at=consent.revoked_at,
        text_version=consent.text_version,
        in_force=consent.revoked_at is None and consent.expires_at > now,
    )
