"""What earlier operations left at a shop: found out, named, and taken off the record once it is removed."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel import col, select

from core.catalog.sync import connection_of
from core.database.session import CustomerSession
from core.database.tables import OperationRow
from core.security.origin import Origin

Named = Callable[[UUID], str]  # the sentence on what may be left of an operation
MOST_LOOKED_AT = 50  # at one shop, the newest; whoever leaves something more often by far has long been told


def leftovers(session: CustomerSession, row: OperationRow, named: Named) -> tuple[UUID, ...]:
    """The other operations at this one's shop of which something is said to be left there, the newest first.

    Not the one whose key is connected, whatever is said of it: it is taken back once another has been proven.
    """
    telling = _telling(session, row)
    told = " ".join(one.left_behind or "" for one in telling)
    connected = connection_of(session, row.service, Origin.of(row.store_origin))
    in_use = connected.operation_id if connected and connected.key_hint else None
    others = [one.id for one in telling if one.id not in {row.id, in_use}]
    return tuple(one for one in others if (sentence := named(one)) and sentence in told)


def is_gone(session: CustomerSession, operation_id: UUID, left: UUID, named: Named) -> None:
    """Say no more, of any operation at the shop of this one, that something of that other one is left."""
    row = session.get(OperationRow, (session.customer_id, operation_id))
    for one in _telling(session, row) if row else ():
        one.left_behind = (one.left_behind or "").replace(named(left), "").strip() or None
        session.add(one)


def _telling(session: CustomerSession, row: OperationRow) -> Sequence[OperationRow]:
    """The operations at this one's shop that say that something is left there."""
    telling = select(OperationRow).where(
        col(OperationRow.service) == row.service,
        col(OperationRow.store_origin) == row.store_origin,
        col(OperationRow.left_behind).is_not(None),
    )
    return session.exec(telling.order_by(col(OperationRow.created_at).desc()).limit(MOST_LOOKED_AT)).all()
