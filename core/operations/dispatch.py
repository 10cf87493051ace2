"""Which operation is next: the customer who has the fewest runs first, so that a busy one starves nobody.

A customer who has as many runs as one may have waits until one of them is over, however many places are free. That is
looked at twice: here across customers, to choose, and once more with the claim, where nobody else can claim for the same
customer.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from core.database.between_processes import locked_until_commit
from core.database.session import CustomerSession
from core.database.tables import OperationRow
from core.errors import Conflict
from core.operations.lease import is_free, is_held
from core.operations.limits import Limits

CANDIDATES = 20  # looked at in one go: of several workers that look at once, each takes another
SPARE = 3  # candidates of a customer beyond what they may have
CLAIMS = 7_221_095  # any number of our own; the first half of PostgreSQL's advisory lock for a customer's claims


class ClaimedByAnother(Conflict):
    """Another worker claims for this customer at this moment."""

    code: ClassVar[str] = "claimed_by_another"


def next_free(session: CustomerSession, limits: Limits, now: datetime) -> tuple[tuple[UUID, UUID], ...]:
    """Customer and id of the operations to claim, the fairest first; none of a customer who has enough.

    Of each customer no more than they may have, and a few in case one of these can't be claimed: so one of whom none can, whyever,
    does not fill the places of all others.
    """
    of_customer = (
        select(col(OperationRow.customer_id).label("customer"), func.count().label("runs"))
        .where(is_held(now))
        .group_by(col(OperationRow.customer_id))
        .subquery()
    )
    in_order = (col(OperationRow.created_at), col(OperationRow.id))
    queue = func.row_number().over(partition_by=col(OperationRow.customer_id), order_by=in_order)
    waiting = (
        select(OperationRow.customer_id, OperationRow.id, OperationRow.created_at, queue.label("place"))
        .where(is_free(now))
        .subquery()
    )
    runs = func.coalesce(of_customer.c.runs, 0)
    would_be = runs + waiting.c.place  # the how manieth run of theirs
    free = (
        select(waiting.c.customer_id, waiting.c.id)
        .join(of_customer, of_customer.c.customer == waiting.c.customer_id, isouter=True)
        .where(runs < limits.per_customer, would_be <= limits.per_customer + SPARE)
        .order_by(would_be, waiting.c.created_at, waiting.c.id)
        .limit(CANDIDATES)
    )
    return tuple((customer_id, operation_id) for customer_id, operation_id in session.exec(free))


def has_enough(session: CustomerSession, customer_id: UUID, limits: Limits, now: datetime) -> bool:
    """Whether this customer may not have another run now; until this transaction ends, nobody else claims for them.

    Raises ClaimedByAnother if somebody does at this moment; who may be asleep, so that nobody waits for it here.
    """
    if not locked_until_commit(session, CLAIMS, customer_id):
        raise ClaimedByAnother
    held = select(func.count()).select_from(OperationRow).where(is_held(now))
    return session.exec(held).one() >= limits.per_customer
