"""The rows of operations, found and kept from changing: before the audit chain, as every write of a run does."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import OPEN
from core.database.tables import OperationRow
from core.errors import NotFound

NO_SUCH = "There is no such operation."


def open_operations(session: CustomerSession) -> Sequence[OperationRow]:
    """What is not over yet, kept from changing until this transaction ends.

    Whoever locks operations does so before the audit chain, as every write of a run does; else two would wait for
    each other.
    """
    still_open = col(OperationRow.status).in_([status.value for status in OPEN])
    return session.exec(select(OperationRow).where(still_open).order_by(col(OperationRow.id)).with_for_update()).all()


def operation_of(session: CustomerSession, operation_id: UUID, *, for_update: bool = False) -> OperationRow:
    """An operation of this customer, kept from changing until the transaction ends if it is to be. Raises NotFound."""
    row = session.get(OperationRow, (session.customer_id, operation_id), with_for_update=for_update or None)
    if row is None:
        raise NotFound(because=NO_SUCH)
    return row


def retry_of(session: CustomerSession, operation_id: UUID) -> UUID | None:
    """The operation that tries this one once more, if there is one."""
    return session.exec(select(OperationRow.id).where(col(OperationRow.retry_of) == operation_id)).first()
