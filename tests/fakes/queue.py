"""A queue that wakes nobody: it remembers who would be woken or stopped, once the teller's transaction is committed."""

from functools import partial
from uuid import UUID

from core.database.session import CustomerSession


class MemoryQueue:
    """`broken`: it takes the job, and then fails, so that the teller's transaction is rolled back."""

    def __init__(self) -> None:
        self.woken: list[UUID] = []
        self.stopped: list[tuple[UUID, str]] = []
        self.broken = False

    def enqueue(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        session.after_commit(partial(self.woken.append, operation_id))
        self._maybe_fail()

    def stop(self, session: CustomerSession, operation_id: UUID, because: str) -> None:
        session.after_commit(partial(self.stopped.append, (operation_id, because)))
        self._maybe_fail()

    def _maybe_fail(self) -> None:
        if self.broken:
            raise RuntimeError("the queue is broken")
