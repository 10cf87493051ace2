"""One thing of the outbox, from being claimed to what came of it.

1. The try is counted, and `next_at` moved to the end of a lease, by conditional update: whoever else wants it finds it taken.
2. It is sent. Whoever dies here has counted the try; once the lease is over it is sent again, under the same id.
3. What came of it is written, if the try is still the one that was counted: sent, due again after a pause, or given up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, or_, update
from sqlmodel import col

from core.clock import Clock
from core.database.changed import changed_one
from core.database.session import CustomerSession, Database
from core.database.states import NotificationEvent
from core.database.tables import EmailChoiceRow, NotificationRow, OperationRow, User, WebhookRow
from core.errors import CoreError
from core.notifications.calling_out import HookCaller, HookUrl, NotDelivered
from core.notifications.mail import Mailer
from core.notifications.message import About, Message, Titles
from core.notifications.signing import secret_ref, signed
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.secret import Secret
from core.security.vault.vault import Vault

LEASE = timedelta(minutes=5)  # longer than any send takes
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)  # about a day in all: who is away over night is told in the morning
MOST_TRIES = len(PAUSES) + 1
JITTER = 0.2  # of a pause, so that not everything that a receiver missed comes at once
NO_MAILER = "Whoever operates this has not set up e-mail."
ACTOR = "system"


@dataclass(frozen=True)
class DeliveryTools:
    """What delivering works with. `site` is where people see the dashboard; without a `mailer` no e-mail is sent."""

    database: Database
    vault: Vault
    caller: HookCaller
    mailer: Mailer | None
    titles: Titles
    site: str
    clock: Clock


@dataclass(frozen=True)
class Claimed:
    """What was claimed: the try that it is, and where it goes."""

    number: int
    message: Message
    email: str | None = None
    webhook_id: UUID | None = None
    url: str = ""


class Delivery:
    """Delivers."""

    def __init__(self, tools: DeliveryTools) -> None:
        self._tools = tools
        self._chance = SystemRandom().uniform

    async def deliver(self, customer_id: UUID, notification_id: UUID, *, at_once: bool = False) -> None:
        """Send one thing, if it is due (or `at_once`) and nobody else does; what came of it stands in its row."""
        run = self._tools.database.run
        claimed = await run(customer_id, partial(self._claim, notification_id, at_once=at_once))
        if claimed is None:
            return
        failure: NotDelivered | None = None
        try:
            await self._send(customer_id, claimed)
        except NotDelivered as error:
            failure = error
        except CoreError as error:  # its secret does not open
            failure = NotDelivered(because=error.sentence)
        await run(customer_id, partial(self._conclude, claimed, failure))

    async def _send(self, customer_id: UUID, claimed: Claimed) -> None:
        tools, message = self._tools, claimed.message
        if claimed.webhook_id is not None:
            now, body = tools.clock.now(), message.body()
            opened = partial(tools.vault.use_unrecorded, ref=secret_ref(claimed.webhook_id), at=now)
            secret: Secret = await tools.database.run(customer_id, opened)
            await tools.caller.post(HookUrl.of(claimed.url), body, signed(message.id, body, secret, now))
        elif claimed.email is not None:
            if tools.mailer is None:
                raise NotDelivered(because=NO_MAILER)  # another process may have been told, and lead by the next try
            await tools.mailer.send(message.email(claimed.email, tools.mailer.sender))

    # What follows runs in a thread, each as one transaction.

    def _claim(self, notification_id: UUID, session: CustomerSession, *, at_once: bool = False) -> Claimed | None:
        now = self._tools.clock.now()
        row = session.get(NotificationRow, (session.customer_id, notification_id), populate_existing=True)
        if row is None:
            return None
        is_due = col(NotificationRow.next_at) <= now
        free = and_(_still(row.id, row.tries), or_(is_due, literal(at_once)))
        if row.tries >= MOST_TRIES:  # whoever sent it last died on it
            self._give_up(session, row, free, "Nobody knows what became of the last try.", now)
            return None
        if not changed_one(
            session, update(NotificationRow).where(free), {"tries": row.tries + 1, "next_at": now + LEASE}
        ):
            return None
        session.refresh(row)
        return self._claimed(session, row)

    def _claimed(self, session: CustomerSession, row: NotificationRow) -> Claimed | None:
        message = self._message(session, row)
        if row.webhook_id is not None:
            hook = session.get_one(WebhookRow, (row.customer_id, row.webhook_id))
            return Claimed(row.tries, message, webhook_id=hook.id, url=hook.url)
        user = session.get_one(User, (row.customer_id, row.user_id))
        choice = session.get(EmailChoiceRow, (row.customer_id, row.user_id))
        if user.disabled_at is not None or choice is None or row.event not in choice.events:
            session.delete(row)  # who does not want to know it any more is not told
            return None
        return Claimed(row.tries, message, email=user.email)

    def _message(self, session: CustomerSession, row: NotificationRow) -> Message:
        about = None
        if row.operation_id is not None:
            of = session.get_one(OperationRow, (row.customer_id, row.operation_id))
            about = About(
                of.id, of.service, of.operation, of.store_origin, self._tools.titles(of.service, of.operation)
            )
        event, site = NotificationEvent(row.event), self._tools.site
        return Message(row.id, event, row.created_at, row.status, row.sentence, about, site)

    def _conclude(self, claimed: Claimed, failure: NotDelivered | None, session: CustomerSession) -> None:
        now, its_id = self._tools.clock.now(), claimed.message.id
        row = session.get(NotificationRow, (session.customer_id, its_id), populate_existing=True)
        if row is None:  # the webhook was removed meanwhile
            return
        mine = _still(row.id, claimed.number)
        self._note_at_webhook(session, row, failure, now)
        if failure is None:
            changed_one(session, update(NotificationRow).where(mine), {"sent_at": now, "last_failure": None})
        elif failure.for_good or claimed.number >= self._most_tries(row):
            self._give_up(session, row, mine, failure.because, now)
        else:
            pause = PAUSES[claimed.number - 1] * self._chance(1 - JITTER, 1 + JITTER)
            again = {"next_at": now + pause, "last_failure": failure.because}
            changed_one(session, update(NotificationRow).where(mine), again)

    def _most_tries(self, row: NotificationRow) -> int:
        """Whoever asks for a test looks at what comes of it."""
        return 1 if row.event == NotificationEvent.TEST else MOST_TRIES

    def _give_up(
        self, session: CustomerSession, row: NotificationRow, still: ColumnElement[bool], because: str, now: datetime
    ) -> None:
        """Try no more, and say so in the audit."""
        ended = update(NotificationRow).where(still)
        if not changed_one(session, ended, {"given_up_at": now, "last_failure": because}):
            return
        if row.event == NotificationEvent.TEST:
            return
        to = f"webhook:{row.webhook_id}" if row.webhook_id else f"user:{row.user_id}"
        detail: dict[str, str | int | bool | None] = {"notification": str(row.id), "to": to, "event": row.event}
        detail |= {"tries": row.tries, "because": because}
        event = AuditEvent(AuditAction.NOTIFICATION_FAILED, ACTOR, row.operation_id, detail)
        audit_log.record(session, row.customer_id, event, at=now)

    def _note_at_webhook(
        self, session: CustomerSession, row: NotificationRow, failure: NotDelivered | None, now: datetime
    ) -> None:
        if row.webhook_id is not None:
            hook = session.get_one(WebhookRow, (row.customer_id, row.webhook_id))
            hook.last_at, hook.last_failure = now, failure.because if failure else None
            session.add(hook)


def _still(notification_id: UUID, tries: int) -> ColumnElement[bool]:
    """Whether it is on its way, and nobody has counted another try."""
    return and_(
        col(NotificationRow.id) == notification_id,
        col(NotificationRow.tries) == tries,
        col(NotificationRow.sent_at).is_(None),
        col(NotificationRow.given_up_at).is_(None),
    )
