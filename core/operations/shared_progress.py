"""Tells who watches in any process that an operation has changed: said with the commit, heard by whoever listens."""

from uuid import UUID

from sqlmodel import col, select

from core.database.between_processes import News, send
from core.database.failures import AWAY
from core.database.session import CustomerSession, Database
from core.database.tables import OperationRow
from core.operations.progress import InProcessProgress

TOLD_ANEW = 50  # operations of a customer, the newest; whoever watches an older one sees it with its next change


class SharedProgress(InProcessProgress):
    """The bus of many processes that share a PostgreSQL database; their listeners call `tell`."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def publish(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Say that it has changed, in the transaction that changes it."""
        send(session, News(customer_id, operation_id))

    async def tell_anew(self) -> None:
        """Have everybody look who watches here: news may have been missed."""
        newest = select(OperationRow.id).order_by(col(OperationRow.created_at).desc()).limit(TOLD_ANEW)
        for customer_id in self.watched:
            try:
                ids = await self._database.read(customer_id, lambda session: session.exec(newest).all())
            except AWAY:
                return  # the connection that brings the news is made anew then, too
            for operation_id in ids:
                self.tell(customer_id, operation_id)
