"""A customer's audit trail, read and verified by the customer."""

from functools import partial
from uuid import UUID

from core.database.session import CustomerSession, Database
from core.security import audit
from core.security.audit import AuditEntry, Verification
from core.security.people import Visitor

MOST_ENTRIES = 500  # in one answer


class AuditTrail:
    """Reads and verifies; writing is done by who acts, in the transaction of the act."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(
        self, visitor: Visitor, operation_id: UUID | None = None, before_seq: int | None = None, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """Entries, the newest first; of one operation, if it is given."""
        use_case = partial(audit.read, operation_id=operation_id, before_seq=before_seq, limit=min(limit, MOST_ENTRIES))
        return await self._database.read(visitor.customer_id, use_case)

    async def verify(self, visitor: Visitor) -> Verification:
        """Whether every entry is as it was written, and none is missing."""

        def verify(session: CustomerSession) -> Verification:
            return audit.verify(session, visitor.customer_id)

        return await self._database.read(visitor.customer_id, verify)
