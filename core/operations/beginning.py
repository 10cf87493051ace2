"""How an operation begins that somebody does not stand beside: at once, if all that it needs is there; else it waits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.agents.integration import Integrations
from core.database.session import CustomerNotSet, CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.operations.queue import JobQueue
from core.security.consent.agreement import ConsentScope
from core.security.consent.consent import find_consent
from core.security.vault.vault import Vault


@dataclass(frozen=True)
class Beginning:
    """Writes operations that are tried once more, or asked for again and again."""

    queue: JobQueue
    integrations: Integrations
    vault: Vault
    text_version: str | None = None

    def begin(
        self,
        session: CustomerSession,
        requested_by: UUID,
        scope: ConsentScope,
        at: datetime,
        retry_of: UUID | None = None,
    ) -> OperationRow:
        """A new operation, queued once this is committed; without a consent, or the sign-in it needs, it awaits consent."""
        if session.customer_id is None:
            raise CustomerNotSet
        consent = find_consent(session, scope, at=at, text_version=self.text_version)
        begins = consent is not None and self.can_sign_in(session, scope)
        row = OperationRow(
            customer_id=session.customer_id,
            requested_by=requested_by,
            service=scope.service,
            operation=scope.operation,
            store_origin=str(scope.origin),
            permissions=sorted(scope.permissions),
            consent_id=consent.id if consent and begins else None,
            retry_of=retry_of,
            service_version=self._version_seen(session, retry_of),
            status=self.integrations.get(scope.service, scope.operation).begins
            if begins
            else OperationStatus.AWAITING_CONSENT,
            created_at=at,
        )
        session.add(row)
        session.flush()
        if row.status == OperationStatus.PENDING:
            self.queue.enqueue(session, row.customer_id, row.id)
        return row

    def _version_seen(self, session: CustomerSession, retry_of: UUID | None) -> str | None:
        """What the service said of itself before the first try; nobody looks at it again for the next."""
        tried = session.get(OperationRow, (session.customer_id, retry_of)) if retry_of else None
        return tried.service_version if tried else None

    def can_sign_in(self, session: CustomerSession, scope: ConsentScope) -> bool:
        """Whether all that it signs in with is stored, if it signs in at all."""
        needed = {field.name for field in self.integrations.get(scope.service, scope.operation).sign_in}
        stored = self.vault.stored(session) if needed else ()
        return needed <= {
            one.field for one in stored if (one.service, one.origin) == (scope.service, str(scope.origin))
        }
