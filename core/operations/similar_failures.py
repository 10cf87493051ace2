"""How often an operation failed as one did: in the same service, for the same reason, at the same step.

A step's sentence may name what is one customer's own. To compare two of them, take out of one

1. what stands in quotation marks, every number, and every word with a dot or an at-sign in it;
2. the word that ends it, where what ends such a sentence is a name: “Sign in as …”, “Enter the user name …”;

and have each match anything (LIKE, SQL-92 8.5).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlmodel import col

from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, StepRow
from core.operations.run_filter import is_one_of
from core.operations.views import OperationView

DAYS = 90  # that are looked back: a shop's pages change, and what failed before says little of today
ESCAPE = "\\"
OWN = re.compile(
    r"“[^”]*”|\"[^\"]*\"|\S*[@.]\S+|\d+|(?<=\bas )\S+$|(?<=\bname )\S+$|(?<=\baddress )\S+$|(?<=\bof )\S+$"
)


@dataclass(frozen=True)
class Likeness:
    """What two failures have in common that are alike; without a step, neither failed at one."""

    service: str
    operation: str
    code: str
    step: str | None

    @classmethod
    def of(cls, view: OperationView) -> "Likeness":
        """What has to be alike to this one, which has failed."""
        failed = next((step.intent for step in view.steps if step.state is StepState.FAILED), None)
        return cls(view.service, view.operation, view.failure.code if view.failure else "", failed)


@dataclass(frozen=True)
class Similar:
    """How many failed alike, this one included; at how many shops, and when for the first and the last time."""

    runs: int
    shops: int
    first: datetime | None
    last: datetime | None


def similar_to(session: CustomerSession, like: Likeness, now: datetime) -> Similar:
    """Counted in one statement, from an index of what has failed."""
    one, step = OperationRow, StepRow
    failed_at = and_(
        col(step.customer_id) == col(one.customer_id),
        col(step.operation_id) == col(one.id),
        col(step.state) == StepState.FAILED.value,
    )
    at_step = col(step.operation_id).is_(None)
    if like.step is not None:
        at_step = col(step.intent).like(pattern_of(like.step), escape=ESCAPE)
    counted = (
        select(
            func.count(func.distinct(col(one.id))),
            func.count(func.distinct(col(one.store_origin))),
            func.min(col(one.created_at)),
            func.max(col(one.created_at)),
        )
        .join(step, failed_at, isouter=True)
        .where(
            col(one.failure_code) == like.code,
            col(one.created_at) >= now - timedelta(days=DAYS),
            col(one.service) == like.service,
            col(one.operation) == like.operation,
            is_one_of(col(one.status), (OperationStatus.FAILED,)),
            at_step,
        )
    )
    return Similar(*session.execute(counted).one())


def pattern_of(intent: str) -> str:
    """What a step's sentence is compared with: its own words, and anything where a customer's stand."""
    told, end = "", 0
    for own in OWN.finditer(intent):
        told, end = f"{told}{_escaped(intent[end : own.start()])}%", own.end()
    return told + _escaped(intent[end:])


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
