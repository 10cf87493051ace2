"""What earlier tries left at a shop: found out, named, and taken off the record once it is removed."""

from collections.abc import Callable
from uuid import UUID

from core.database.session import CustomerSession
from core.database.tables import OperationRow

Named = Callable[[UUID], str]  # the sentence on what may be left of an operation
MOST_TRIES_LOOKED_AT = 50  # back from a try; whoever tries more often by hand has long been told


def tries_before(session: CustomerSession, row: OperationRow) -> tuple[OperationRow, ...]:
    """The operations that this one tries once more, the newest first."""
    found, before = list[OperationRow](), row.retry_of
    while before is not None and len(found) < MOST_TRIES_LOOKED_AT:
        one = session.get(OperationRow, (row.customer_id, before), populate_existing=True)
        if one is None:
            break
        found.append(one)
        before = one.retry_of
    return tuple(found)


def leftovers(session: CustomerSession, row: OperationRow, named: Named) -> tuple[UUID, ...]:
    """The operations before this one of which something is said to be left at the shop."""
    left = ((one, named(one.id)) for one in tries_before(session, row))
    return tuple(one.id for one, sentence in left if sentence and sentence in (one.left_behind or ""))


def is_gone(session: CustomerSession, operation_id: UUID, left: UUID, named: Named) -> None:
    """Say no more, of any try before this operation, that this one's is left."""
    row = session.get(OperationRow, (session.customer_id, operation_id))
    for one in tries_before(session, row) if row else ():
        one.left_behind = (one.left_behind or "").replace(named(left), "").strip() or None
        session.add(one)
