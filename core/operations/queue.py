"""The seam to whatever wakes a worker up. The operations table is the authority; a lost wake-up loses nothing."""

from typing import Protocol
from uuid import UUID

from core.database.session import CustomerSession


class JobQueue(Protocol):
    """Wakes a worker for an operation, or stops the one that has it, once the caller's transaction is committed."""

    def enqueue(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Have a worker look at this operation soon."""
        ...

    def stop(self, session: CustomerSession, operation_id: UUID, because: str) -> None:
        """Have whoever is running this operation shut its browser at once."""
        ...
