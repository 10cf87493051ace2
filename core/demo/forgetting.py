"""Forgetting all that was done at one practice shop, in one transaction; what the audit chain has of it stays, and says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select

from core.catalog.sync import delete_connection
from core.database.session import CustomerSession
from core.database.states import ConsentEnding
from core.database.tables import (
    ConnectionRow,
    LiveFrameRow,
    NotificationRow,
    OperationRow,
    OwnerApprovalRow,
    QuestionRow,
    ScheduleRow,
    StepRow,
    WorkflowChangeRow,
)
from core.operations.retention import record_deleted_pictures
from core.operations.shown_pictures import pictures_of
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.consent.consent import consents, end_consent
from core.security.people.visitor import Visitor
from core.security.vault.vault import Vault

# What belongs to an operation, and goes with it; connections and schedules belong to the shop.
OF_OPERATIONS = (LiveFrameRow, NotificationRow, WorkflowChangeRow, QuestionRow, OwnerApprovalRow, StepRow)
BECAUSE = "the demo was reset"


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten: how many operations and products, and the pictures that nothing shows any more."""

    operations: int
    products: int
    pictures: tuple[UUID, ...]


def forget_shop(session: CustomerSession, vault: Vault, visitor: Visitor, origin: str, *, at: datetime) -> Forgotten:
    """Delete everything that refers to a shop but the chain; consents end, and stay on record.

    1. Pictures, with the entries that say that they go.
    2. Secrets, each with its entry, and consents, which end.
    3. Products, connections, schedules and operations, with all that belongs to these.
    4. The entry that says that the demo was reset.
    """
    here = select(OperationRow.id).where(col(OperationRow.store_origin) == origin).with_for_update()
    operations = session.exec(here).all()
    pictures = tuple(pictures_of(session, operations))
    record_deleted_pictures(session, visitor.customer_id, pictures, visitor.actor, because=BECAUSE, at=at)
    for one in vault.stored(session):
        if one.origin == origin:
            vault.delete_by_id(session, one.id, at=at, actor=visitor.actor, because=BECAUSE)
    for consent in consents(session):
        if consent.ended_at is None and str(consent.scope.origin) == origin:
            end_consent(session, visitor.actor, consent.id, ConsentEnding.WITHDRAWN, at=at, because=BECAUSE)
    products = _delete_shop(session, origin)
    _delete_operations(session, operations)
    detail: dict[str, str | int | bool | None]
    detail = {"shop": origin, "operations": len(operations), "products": products}
    event = AuditEvent(AuditAction.DEMO_RESET, visitor.actor, detail=detail)
    audit_log.record(session, visitor.customer_id, event, at=at)
    return Forgotten(len(operations), products, pictures)


def _delete_shop(session: CustomerSession, origin: str) -> int:
    """Its connections and schedules; how many products went with them."""
    session.exec(delete(ScheduleRow).where(col(ScheduleRow.store_origin) == origin))
    connected = session.exec(select(ConnectionRow).where(col(ConnectionRow.store_origin) == origin)).all()
    return sum(delete_connection(session, row) for row in connected)


def _delete_operations(session: CustomerSession, operations: Sequence[UUID]) -> None:
    apart = {"synchronize_session": False}
    for table in OF_OPERATIONS:
        session.exec(delete(table).where(col(table.operation_id).in_(operations)), execution_options=apart)
    session.exec(delete(OperationRow).where(col(OperationRow.id).in_(operations)), execution_options=apart)
    session.expunge_all()
