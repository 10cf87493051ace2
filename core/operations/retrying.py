"""When a failed run is tried once more by itself, after which pause, and the new operation that is.

1. Only what may pass is tried again: a shop that was busy, broken or away, a browser that died. Not a password that was
   refused, not what nobody allows any more, not what a person has stopped, and no bug of ours.
2. Three times at most, after about 30 seconds, 2 minutes and 8 minutes: each pause is four times the one before, a
   fifth longer or shorter by chance, so that shops that went down together are not asked again together.
3. A shop that says how long to wait (Retry-After) is obeyed, up to an hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

MOST_TRIES = 3  # by itself, after the first
FIRST_PAUSE = timedelta(seconds=30)
GROWS = 4  # how many times longer each pause is than the one before
JITTER = 0.2  # of a pause, by which it is longer or shorter
LONGEST_PAUSE = timedelta(hours=1)  # that a shop is obeyed

Chance = Callable[[float, float], float]  # a number between two, by chance


def pause_before(number: int, asked_to_wait: float | None, chance: Chance) -> timedelta:
    """How long to wait before the try of this number, from 1; `asked_to_wait` are the seconds that the shop has named."""
    pause = FIRST_PAUSE * float(GROWS ** (number - 1)) * chance(1 - JITTER, 1 + JITTER)
    if asked_to_wait is None:
        return pause
    return max(pause, timedelta(seconds=min(asked_to_wait, LONGEST_PAUSE.total_seconds())))


def try_again(session: CustomerSession, failed: OperationRow, pause: timedelta, actor: str, at: datetime) -> None:
    """Write the operation that tries this one once more, after a pause; the sweep of a worker finds it.

    It stands on the same consent. To be called in the transaction that ends the failed one, once that is written.
    """
    again = OperationRow(
        customer_id=failed.customer_id,
        requested_by=failed.requested_by,
        service=failed.service,
        operation=failed.operation,
        store_origin=failed.store_origin,
        permissions=failed.permissions,
        consent_id=failed.consent_id,
        retry_of=failed.id,
        service_version=failed.service_version,
        tries=failed.tries + 1,
        not_before=at + pause,
        status=OperationStatus.PENDING,
        created_at=at,
    )
    session.add(again)
    session.flush()
    record_retry(session, failed, again, actor, at)


def record_retry(
    session: CustomerSession, failed: OperationRow, again: OperationRow, actor: str, at: datetime, because: str = ""
) -> None:
    """Say of both operations in the audit that one tries the other once more; and why, if somebody says so."""
    told: dict[str, str | int | bool | None] = {"retriedBy": str(again.id)}
    if because:
        told["because"] = because
    if again.not_before:
        told |= {"notBefore": again.not_before.isoformat(timespec="seconds"), "try": f"{again.tries} of {MOST_TRIES}"}
    _record(session, failed, AuditAction.OPERATION_RETRIED, actor, told, at)
    asked: dict[str, str | int | bool | None] = {"service": again.service, "operation": again.operation}
    asked |= {"shop": again.store_origin, "retryOf": str(failed.id)}
    _record(session, again, AuditAction.OPERATION_ASKED, actor, asked, at)


def _record(
    session: CustomerSession,
    row: OperationRow,
    action: AuditAction,
    actor: str,
    detail: dict[str, str | int | bool | None],
    at: datetime,
) -> None:
    audit_log.record(session, row.customer_id, AuditEvent(action, actor, row.id, detail), at=at)
