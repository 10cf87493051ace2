"""Where people choose what they are told by e-mail, and owners say which addresses are called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func
from sqlmodel import col, delete, select

from core.database.session import CustomerSession
from core.database.states import NotificationEvent
from core.database.tables import Customer, EmailChoiceRow, NotificationRow, WebhookRow
from core.errors import BadInput, Conflict, NotFound
from core.notifications.calling_out import HookUrl
from core.notifications.delivery import LEASE, Delivery, DeliveryTools
from core.notifications.message import TESTED
from core.notifications.signing import new_secret, secret_ref
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.people.authorize import Action, authorize
from core.security.people.proof import NONE_GIVEN, ChecksPasswords, Proof, check_proof
from core.security.people.visitor import Visitor
from core.security.secret import Secret

CHOOSABLE: tuple[NotificationEvent, ...] = tuple(one for one in NotificationEvent if one is not NotificationEvent.TEST)
MOST_WEBHOOKS = 10  # of one company
REMOVED = "the webhook was removed"
NO_SUCH = "There is no such webhook."


class NothingChosen(BadInput):
    """Choose at least one thing to be told of."""

    code: ClassVar[str] = "nothing_chosen"


class TooManyWebhooks(Conflict):
    """There are as many webhooks as there may be."""

    code: ClassVar[str] = "too_many_webhooks"


@dataclass(frozen=True)
class Undelivered:
    """How many things could not be told, of those that are kept, and why the newest was not."""

    number: int
    last_because: str


@dataclass(frozen=True)
class EmailChoice:
    """What somebody is told by e-mail; `is_possible` says whether e-mail is set up at all."""

    events: frozenset[NotificationEvent]
    is_possible: bool
    undelivered: Undelivered


@dataclass(frozen=True)
class Webhook:
    """An address that is called, and what came of the newest call."""

    id: UUID
    url: str
    events: frozenset[NotificationEvent]
    created_at: datetime
    last_at: datetime | None
    last_failure: str | None
    undelivered: Undelivered


@dataclass(frozen=True)
class AddedWebhook:
    """A webhook that was just added, with the secret that signs what it is told: shown this once."""

    webhook: Webhook
    secret: Secret


class NotificationDesk:
    """What of it people do themselves."""

    def __init__(self, tools: DeliveryTools, delivery: Delivery, people: ChecksPasswords) -> None:
        self._tools = tools
        self._delivery = delivery
        self._people = people

    async def emails(self, visitor: Visitor) -> EmailChoice:
        """What somebody is told by e-mail. Raises NotAllowed."""
        authorize(visitor, Action.CHOOSE_EMAILS)
        return await self._tools.database.read(visitor.customer_id, partial(self._emails, visitor))

    async def choose_emails(self, visitor: Visitor, events: Iterable[NotificationEvent]) -> None:
        """Be told of these by e-mail from now on, and of nothing else. Raises NotAllowed."""
        authorize(visitor, Action.CHOOSE_EMAILS)
        await self._tools.database.run(visitor.customer_id, partial(self._choose, visitor, _words(events)))

    async def webhooks(self, visitor: Visitor) -> tuple[Webhook, ...]:
        """The company's webhooks, the oldest first. Raises NotAllowed."""
        authorize(visitor, Action.MANAGE_WEBHOOKS)
        return await self._tools.database.read(visitor.customer_id, _webhooks)

    async def add_webhook(
        self, visitor: Visitor, url: str, events: Iterable[NotificationEvent], proof: Proof = NONE_GIVEN
    ) -> AddedWebhook:
        """Have an address called from now on; in a browser, for whoever shows that it is they.

        Raises NotAllowed, BadWebhook, NothingChosen, TooManyWebhooks, WrongSignIn or TooManyTries.
        """
        authorize(visitor, Action.MANAGE_WEBHOOKS)
        asked, chosen = HookUrl.of(url), _words(events)
        if not chosen:
            raise NothingChosen
        await self._tools.caller.check(asked)
        await check_proof(self._people, visitor, proof)
        return await self._tools.database.run(visitor.customer_id, partial(self._add, visitor, asked, chosen))

    async def remove_webhook(self, visitor: Visitor, webhook_id: UUID) -> None:
        """Call it no more, also for what is on its way; its secret is destroyed. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.MANAGE_WEBHOOKS)
        await self._tools.database.run(visitor.customer_id, partial(self._remove, visitor, webhook_id))

    async def test_webhook(self, visitor: Visitor, webhook_id: UUID) -> Webhook:
        """Call it now with a test, and see what comes of it. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.MANAGE_WEBHOOKS)
        run = self._tools.database.run
        test_id = await run(visitor.customer_id, partial(self._ask_for_test, webhook_id))
        await self._delivery.deliver(visitor.customer_id, test_id, at_once=True)
        shown = next((one for one in await self.webhooks(visitor) if one.id == webhook_id), None)
        if shown is None:
            raise NotFound(because=NO_SUCH)
        return shown

    # What follows runs in a thread, each as one transaction.

    def _emails(self, visitor: Visitor, session: CustomerSession) -> EmailChoice:
        row = session.get(EmailChoiceRow, (visitor.customer_id, visitor.user_id))
        undelivered = _undelivered(session, col(NotificationRow.user_id) == visitor.user_id)
        return EmailChoice(_events(row.events if row else ()), self._tools.mailer is not None, undelivered)

    def _choose(self, visitor: Visitor, events: list[str], session: CustomerSession) -> None:
        now = self._tools.clock.now()
        row = session.get(EmailChoiceRow, (visitor.customer_id, visitor.user_id)) or EmailChoiceRow(
            customer_id=visitor.customer_id, user_id=visitor.user_id, changed_at=now
        )
        row.events, row.changed_at = events, now
        session.add(row)

    def _add(self, visitor: Visitor, url: HookUrl, events: list[str], session: CustomerSession) -> AddedWebhook:
        now, secret = self._tools.clock.now(), new_secret()
        session.exec(
            select(Customer).with_for_update()
        ).one()  # two who add one at once are counted one after the other
        if session.exec(select(func.count()).select_from(WebhookRow)).one() >= MOST_WEBHOOKS:
            raise TooManyWebhooks(because=f"There may be {MOST_WEBHOOKS}. Remove one first.")
        row = WebhookRow(
            customer_id=visitor.customer_id,
            id=uuid4(),
            url=str(url),
            events=events,
            created_by=visitor.user_id,
            created_at=now,
        )
        session.add(row)
        session.flush()
        self._tools.vault.store(session, visitor.customer_id, secret_ref(row.id), secret, at=now, actor=visitor.actor)
        self._record(session, visitor, AuditAction.WEBHOOK_ADDED, row)
        return AddedWebhook(_view(session, row), secret)

    def _remove(self, visitor: Visitor, webhook_id: UUID, session: CustomerSession) -> None:
        row = _webhook(session, webhook_id)
        session.exec(delete(NotificationRow).where(col(NotificationRow.webhook_id) == webhook_id))
        self._tools.vault.delete(
            session, secret_ref(row.id), at=self._tools.clock.now(), actor=visitor.actor, because=REMOVED
        )
        self._record(session, visitor, AuditAction.WEBHOOK_REMOVED, row)
        session.delete(row)

    def _ask_for_test(self, webhook_id: UUID, session: CustomerSession) -> UUID:
        row, now = _webhook(session, webhook_id), self._tools.clock.now()
        test = NotificationRow(
            customer_id=row.customer_id,
            id=uuid4(),
            webhook_id=row.id,
            event=NotificationEvent.TEST.value,
            status="",
            sentence=TESTED,
            created_at=now,
            next_at=now + LEASE,  # it is ours: no round takes it before whoever looks at what comes of it
        )
        session.add(test)
        return test.id

    def _record(self, session: CustomerSession, visitor: Visitor, action: AuditAction, row: WebhookRow) -> None:
        """Of the address only where it is: what stands behind that may be known to its owner alone."""
        detail: dict[str, str | int | bool | None] = {"webhook": str(row.id), "at": str(HookUrl.of(row.url).origin)}
        event = AuditEvent(action, visitor.actor, detail=detail | {"events": " ".join(row.events)})
        audit_log.record(session, row.customer_id, event, at=self._tools.clock.now())


def _webhook(session: CustomerSession, webhook_id: UUID) -> WebhookRow:
    row = session.get(WebhookRow, (session.customer_id, webhook_id), with_for_update=True)
    if row is None:
        raise NotFound(because=NO_SUCH)
    return row


def _webhooks(session: CustomerSession) -> tuple[Webhook, ...]:
    rows = session.exec(select(WebhookRow).order_by(col(WebhookRow.created_at), col(WebhookRow.id))).all()
    return tuple(_view(session, row) for row in rows)


def _view(session: CustomerSession, row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=_events(row.events),
        created_at=row.created_at,
        last_at=row.last_at,
        last_failure=row.last_failure,
        undelivered=_undelivered(session, col(NotificationRow.webhook_id) == row.id),
    )


def _undelivered(session: CustomerSession, to: ColumnElement[bool]) -> Undelivered:
    """Of what was really to be told, and no test."""
    given_up = (to, col(NotificationRow.given_up_at).is_not(None), col(NotificationRow.operation_id).is_not(None))
    number = session.exec(select(func.count()).select_from(NotificationRow).where(*given_up)).one()
    newest = select(NotificationRow.last_failure).where(*given_up)
    last = session.exec(newest.order_by(col(NotificationRow.given_up_at).desc()).limit(1)).first()
    return Undelivered(number, last or "")


def _events(words: Iterable[str]) -> frozenset[NotificationEvent]:
    return frozenset(NotificationEvent(one) for one in words)


def _words(events: Iterable[NotificationEvent]) -> list[str]:
    """As they are kept: those that can be chosen, in their order."""
    chosen = set(events)
    return [one.value for one in CHOOSABLE if one in chosen]
