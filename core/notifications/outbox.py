"""The outbox: what is to be told is written in the transaction in which it happens, a row for each who wants to know it.

So nothing is lost that happened, and nothing is told that was rolled back. Rounds send it (rounds.py).
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.database.session import CustomerSession
from core.database.states import NotificationEvent, OperationStatus
from core.database.tables import EmailChoiceRow, NotificationRow, OperationRow, User, WebhookRow

LONGEST_SENTENCE = 500  # characters; what a shop has said of a failure is part of it

WAITS: dict[str, str] = {
    OperationStatus.AWAITING_CONSENT: "It begins once somebody has read what it will do, and allows it.",
    OperationStatus.AWAITING_INPUT: "It goes on once the owner of the shop has approved it.",
}


def tell(session: CustomerSession, row: OperationRow, event: NotificationEvent, sentence: str, at: datetime) -> None:
    """Have everybody told who wants to know this of an operation, as it stands now; part of the caller's transaction."""
    told = " ".join(sentence.split())[:LONGEST_SENTENCE]
    for user_id in _people(session, event):
        session.add(_letter(row, event, told, at, user_id=user_id))
    for webhook_id in _webhooks(session, event):
        session.add(_letter(row, event, told, at, webhook_id=webhook_id))


def tell_of_failure(
    session: CustomerSession, row: OperationRow, sentence: str, at: datetime, *, keeps_up: bool
) -> None:
    """The same of one that failed. What keeps a connection up tells so once, and not every hour, until it goes well again."""
    if not (keeps_up and _failed_before(session, row)):
        tell(session, row, NotificationEvent.FAILED, sentence, at)


def tell_of_waiting(session: CustomerSession, row: OperationRow, at: datetime) -> None:
    """Have everybody told that an operation waits for a person, if it does, and nobody stands beside it."""
    if sentence := WAITS.get(row.status):
        tell(session, row, NotificationEvent.NEEDS_YOU, sentence, at)


def _letter(
    row: OperationRow,
    event: NotificationEvent,
    sentence: str,
    at: datetime,
    *,
    user_id: UUID | None = None,
    webhook_id: UUID | None = None,
) -> NotificationRow:
    return NotificationRow(
        customer_id=row.customer_id,
        id=uuid4(),
        operation_id=row.id,
        user_id=user_id,
        webhook_id=webhook_id,
        event=event.value,
        status=row.status,
        sentence=sentence,
        created_at=at,
        next_at=at,
    )


def _people(session: CustomerSession, event: NotificationEvent) -> list[UUID]:
    """Who has chosen to be told of this, and may still come in."""
    chosen = select(EmailChoiceRow.user_id, EmailChoiceRow.events).join(
        User,
        (col(User.customer_id) == col(EmailChoiceRow.customer_id)) & (col(User.id) == col(EmailChoiceRow.user_id)),
    )
    enabled = chosen.where(col(User.disabled_at).is_(None))
    return [user_id for user_id, events in session.exec(enabled).all() if event in events]


def _webhooks(session: CustomerSession, event: NotificationEvent) -> list[UUID]:
    return [one.id for one in session.exec(select(WebhookRow)).all() if event in one.events]


def _failed_before(session: CustomerSession, row: OperationRow) -> bool:
    """Whether the same had failed at the same shop when it was asked for last; tries of one thing count as one."""
    tried_again = select(OperationRow.retry_of).where(col(OperationRow.retry_of).is_not(None))
    before = select(OperationRow.status).where(
        col(OperationRow.service) == row.service,
        col(OperationRow.operation) == row.operation,
        col(OperationRow.store_origin) == row.store_origin,
        col(OperationRow.finished_at).is_not(None),
        col(OperationRow.id) != row.id,
        col(OperationRow.id).not_in(tried_again),
    )
    last = session.exec(before.order_by(col(OperationRow.finished_at).desc()).limit(1)).first()
    return last == OperationStatus.FAILED
