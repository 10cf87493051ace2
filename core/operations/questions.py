"""A person is asked while a run waits: its browser stays open, its lease is kept, and the answer is good for one use.

A question is open until it is answered and that answer used, or until it is declined, expired or void. What was typed
in answer is sealed in the vault until then, and destroyed with the question's end.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from core.agents.person import (
    ANSWER_WITHIN,
    TYPED,
    Answer,
    ApprovedSomethingElse,
    NobodyAnswered,
    PersonDeclined,
    Question,
    QuestionKind,
)
from core.browser.screenshots import StoredPicture
from core.database.changed import changed_one
from core.database.session import CustomerSession
from core.database.states import NotificationEvent, OperationStatus, QuestionEnding
from core.database.tables import OperationRow, QuestionRow
from core.errors import CoreError
from core.notifications.outbox import tell
from core.operations import lease as leases
from core.operations.credentials import VaultCredentials
from core.operations.lease import LeaseLost
from core.operations.run_time import RunTime
from core.operations.step_log import ACTOR, StepLogTools
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.vault.vault import NoCredential

ANSWER = "answer"  # the vault's field for what was typed: an operation has one open question, and a shop one operation
LOOK_EVERY = 1.0  # seconds between two looks at the table; an answer given in this process is heard of at once
ENDED = {
    QuestionEnding.DECLINED: AuditAction.QUESTION_DECLINED,
    QuestionEnding.EXPIRED: AuditAction.QUESTION_EXPIRED,
    QuestionEnding.VOID: AuditAction.QUESTION_VOID,
}
# What is told outside, by e-mail and webhook: the question itself may quote a page, and a page could say anything by our mouth.
ASKS = {
    QuestionKind.CODE: "The shop asks for a one-time code.",
    QuestionKind.CAPTCHA: "Somebody has to type what a picture says.",
    QuestionKind.TEXT: "It needs something that only a person knows.",
    QuestionKind.CHOICE: "Somebody has to choose how it goes on.",
    QuestionKind.APPROVAL: "Somebody has to say whether it may go on.",
}
MINUTES = ANSWER_WITHIN.seconds // 60


class DatabasePerson:
    """Whoever watches one run, asked through the database: the answer may come from any process."""

    def __init__(self, tools: StepLogTools, credentials: VaultCredentials, time: RunTime) -> None:
        self._tools = tools
        self._credentials = credentials
        self._lease = credentials.lease
        self._time = time

    async def ask(self, question: Question) -> Answer:
        """Ask, and wait for the answer. Raises NobodyAnswered, PersonDeclined, ApprovedSomethingElse or LeaseLost.

        1. Keep the picture; then record the question and let the operation wait, in one transaction.
        2. Wait until it is answered, declined or expired; the time of the run stands still.
        3. Use the answer up and let the operation go on, in one transaction.
        """
        if question.kind is QuestionKind.APPROVAL and not question.action:
            raise ValueError("an approval is for one action")
        question_id = uuid4()
        with self._time.standing_still():
            picture = await self._tools.keep(self._lease, question.picture)
            try:
                begin = partial(self._begin, question_id, question, picture)
                await self._tools.write_with(self._lease, picture, begin)
                await self._until_it_is_over(question_id)
                settled = await self._tools.write(self._lease, partial(self._settle, question_id, question))
            except asyncio.CancelledError:
                with suppress(LeaseLost):
                    await self._tools.write(self._lease, partial(self._give_up, question_id))
                raise
        if isinstance(settled, CoreError):
            raise settled
        return settled

    async def _until_it_is_over(self, question_id: UUID) -> None:
        """Return once there is something to settle. Raises LeaseLost if the operation does not wait any more."""
        changed = asyncio.Event()

        def on_change(operation_id: UUID) -> None:
            if operation_id == self._lease.operation_id:
                changed.set()

        customer_id = self._lease.customer_id
        unsubscribe = self._tools.progress.subscribe(customer_id, on_change)
        try:
            while not await self._tools.database.read(customer_id, partial(self._is_over, question_id)):
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await changed.wait()
                changed.clear()
        finally:
            unsubscribe()

    # What follows runs in a thread, each as one transaction; the operation is locked first, as every write of a run does.

    def _begin(
        self, question_id: UUID, question: Question, picture: StoredPicture | None, session: CustomerSession
    ) -> None:
        now = self._tools.clock.now()
        leases.begin_to_wait(session, self._lease, now)
        row = QuestionRow(
            customer_id=self._lease.customer_id,
            id=question_id,
            operation_id=self._lease.operation_id,
            position=question.position,
            kind=question.kind,
            words=question.words,
            options=list(question.options),
            action_sha256=question.action_sha256,
            page_url=question.page_url,
            picture_id=picture.id if picture else None,
            created_at=now,
            expires_at=now + ANSWER_WITHIN,
        )
        session.add(row)
        shown = {
            "words": row.words,
            "page": row.page_url,
            "picture": str(picture.id) if picture else None,
            "pictureSha256": picture.sha256 if picture else None,
            "actionSha256": row.action_sha256,
        }
        record_question(session, row, AuditEvent(AuditAction.QUESTION_ASKED, ACTOR, detail=shown), now)
        asked = f"{ASKS[question.kind]} It waits for {MINUTES} minutes."
        tell(session, leases.row_of(session, row.operation_id), NotificationEvent.NEEDS_YOU, asked, now)

    def _is_over(self, question_id: UUID, session: CustomerSession) -> bool:
        """Raises LeaseLost if the operation does not wait; that it waits for somebody else, `_settle` finds out."""
        if leases.row_of(session, self._lease.operation_id).status != OperationStatus.AWAITING_INPUT:
            raise LeaseLost
        row = self._row(session, question_id)
        answered = row.ended_at is not None or row.answered_by is not None
        return answered or self._tools.clock.now() >= row.expires_at

    def _settle(self, question_id: UUID, question: Question, session: CustomerSession) -> Answer | CoreError:
        """Let the run go on with the answer, or with why there is none. An answer given in time is in time."""
        now = self._tools.clock.now()
        leases.go_on(session, self._lease, now)
        row = self._row(session, question_id)
        if row.ending == QuestionEnding.DECLINED:
            return PersonDeclined(because=f"It was asked: {row.words}")
        if row.answered_by is None:
            self._end(session, row, QuestionEnding.EXPIRED)
            return NobodyAnswered(because=f"It waited for {MINUTES} minutes. It asked: {row.words}")
        if row.action_sha256 != question.action_sha256:
            self._end(session, row, QuestionEnding.VOID)
            return ApprovedSomethingElse()
        if not end_question(session, row, QuestionEnding.ANSWERED, now):
            raise LeaseLost(because="Its answer was used before.")
        typed = self._credentials.take(session, ANSWER, "answer the shop") if row.kind in TYPED else None
        return Answer(typed, row.chosen)

    def _give_up(self, question_id: UUID, session: CustomerSession) -> None:
        """Nobody will hear the answer any more."""
        leases.go_on(session, self._lease, self._tools.clock.now())
        self._end(session, self._row(session, question_id), QuestionEnding.VOID)

    def _end(self, session: CustomerSession, row: QuestionRow, ending: QuestionEnding) -> None:
        now = self._tools.clock.now()
        if end_question(session, row, ending, now):
            record_question(session, row, AuditEvent(ENDED[ending], ACTOR), now)
        with suppress(NoCredential):
            self._credentials.forget(session, ANSWER, because="the question is over")

    def _row(self, session: CustomerSession, question_id: UUID) -> QuestionRow:
        return session.get_one(QuestionRow, (self._lease.customer_id, question_id))


def unanswered(session: CustomerSession, operation: OperationRow, now: datetime) -> QuestionRow | None:
    """What this operation asks a person now, and nobody has answered yet."""
    if operation.status != OperationStatus.AWAITING_INPUT:
        return None
    row = unended(session, operation.id)
    return row if row is not None and row.answered_by is None and now < row.expires_at else None


def unended(session: CustomerSession, operation_id: UUID) -> QuestionRow | None:
    """The question of an operation that has not ended, be it answered or not; there is at most one."""
    of_operation = select(QuestionRow).where(col(QuestionRow.operation_id) == operation_id)
    return session.exec(of_operation.where(col(QuestionRow.ended_at).is_(None))).first()


def end_question(session: CustomerSession, row: QuestionRow, ending: QuestionEnding, now: datetime) -> bool:
    """Whether it had not ended, and now has like this."""
    return change_question(session, row, col(QuestionRow.ended_at).is_(None), ended_at=now, ending=ending.value)


def change_question(
    session: CustomerSession, row: QuestionRow, condition: ColumnElement[bool], **values: object
) -> bool:
    """Whether it was like this, and has been changed."""
    return changed_one(session, update(QuestionRow).where(col(QuestionRow.id) == row.id, condition), values)


def record_question(session: CustomerSession, row: QuestionRow, event: AuditEvent, now: datetime) -> None:
    """Add what became of a question to the customer's chain."""
    about: dict[str, str | int | bool | None] = {"question": str(row.id), "step": row.position, "kind": str(row.kind)}
    whole = replace(event, operation_id=row.operation_id, detail=about | dict(event.detail))
    audit_log.record(session, row.customer_id, whole, at=now)
