"""Where people answer what a run asks them: each question once, in time, and in the way that fits it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from sqlmodel import col

from core.agents.person import TYPED, QuestionKind
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import QuestionEnding
from core.database.tables import OperationRow, QuestionRow
from core.errors import BadInput, Conflict, NotFound
from core.operations.progress import ProgressBus
from core.operations.questions import (
    ANSWER,
    change_question,
    end_question,
    record_question,
    unanswered,
)
from core.operations.rows import operation_of
from core.operations.views import QuestionView, question_view
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.origin import Origin
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor
from core.security.secret import Secret
from core.security.vault.vault import SecretRef, Vault

LONGEST_CODE = 64  # characters; what replaces a lost device is longer than six digits
LONGEST_TEXT = 500  # characters


class AlreadyAnswered(Conflict):
    """Somebody has answered this already."""

    code: ClassVar[str] = "already_answered"


class QuestionExpired(Conflict):
    """This question is not open any more."""

    code: ClassVar[str] = "question_expired"


class WrongAnswer(BadInput):
    """This is no answer to that question."""

    code: ClassVar[str] = "wrong_answer"


@dataclass(frozen=True)
class Given:
    """What a person says to a question: exactly one of a typed text, the number of an option (from 0), or yes."""

    typed: Secret | None = None
    chosen: int | None = None
    yes: bool = False


@dataclass(frozen=True)
class Reply:
    """Who answers which question of which operation."""

    visitor: Visitor
    operation_id: UUID
    question_id: UUID


class QuestionDesk:
    """Where questions are read, answered and declined. What was typed goes into the vault, and never comes out here."""

    def __init__(self, database: Database, vault: Vault, progress: ProgressBus, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._progress = progress
        self._clock = clock

    async def open(self, visitor: Visitor, operation_id: UUID) -> QuestionView | None:
        """What an operation asks now, if anything. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.WATCH, Action.OPERATE)
        return await self._database.read(visitor.customer_id, partial(self._open, operation_id))

    async def answer(self, visitor: Visitor, operation_id: UUID, question_id: UUID, given: Given) -> None:
        """Answer a question. Raises NotFound, AlreadyAnswered, QuestionExpired or WrongAnswer."""
        await self._run(visitor, partial(self._answer, Reply(visitor, operation_id, question_id), given))

    async def decline(self, visitor: Visitor, operation_id: UUID, question_id: UUID) -> None:
        """Say no; the run ends, and removes what it has made. Raises NotFound, AlreadyAnswered or QuestionExpired."""
        await self._run(visitor, partial(self._decline, Reply(visitor, operation_id, question_id)))

    async def _run(self, visitor: Visitor, use_case: Callable[[CustomerSession], None]) -> None:
        authorize(visitor, Action.OPERATE)
        await self._database.run(visitor.customer_id, use_case)

    # What follows runs in a thread, each as one transaction; the operation is locked first, as every run does.

    def _open(self, operation_id: UUID, session: CustomerSession) -> QuestionView | None:
        row = unanswered(session, operation_of(session, operation_id), self._clock.now())
        return question_view(row) if row else None

    def _answer(self, reply: Reply, given: Given, session: CustomerSession) -> None:
        now = self._clock.now()
        operation, row = self._asked(session, reply, now)
        typed = _fitting(row, given)
        still_open = col(QuestionRow.ended_at).is_(None) & col(QuestionRow.answered_by).is_(None)
        values = {"answered_by": reply.visitor.actor, "chosen": given.chosen}
        if not change_question(session, row, still_open, **values):
            raise AlreadyAnswered
        if typed:
            ref = SecretRef(operation.service, Origin.of(operation.store_origin), ANSWER)
            self._vault.store(session, row.customer_id, ref, typed, at=now, actor=reply.visitor.actor)
        said = {"chosen": given.chosen, "option": None if given.chosen is None else row.options[given.chosen]}
        event = AuditEvent(AuditAction.QUESTION_ANSWERED, reply.visitor.actor, detail=said)
        self._conclude(session, row, event, now)

    def _decline(self, reply: Reply, session: CustomerSession) -> None:
        now = self._clock.now()
        _, row = self._asked(session, reply, now)
        if not end_question(session, row, QuestionEnding.DECLINED, now):
            raise AlreadyAnswered
        self._conclude(session, row, AuditEvent(AuditAction.QUESTION_DECLINED, reply.visitor.actor), now)

    def _asked(self, session: CustomerSession, reply: Reply, now: datetime) -> tuple[OperationRow, QuestionRow]:
        """The operation and its question, if it can be answered now."""
        operation = operation_of(session, reply.operation_id, for_update=True)
        row = session.get(QuestionRow, (session.customer_id, reply.question_id))
        if row is None or row.operation_id != operation.id:
            raise NotFound(because="There is no such question.")
        if row.answered_by is not None or row.ending == QuestionEnding.DECLINED:
            raise AlreadyAnswered(because="The agent goes by the first answer.")
        if (asked := unanswered(session, operation, now)) is None or asked.id != row.id:
            raise QuestionExpired(because="If the agent still needs to know it, it asks anew.")
        return operation, row

    def _conclude(self, session: CustomerSession, row: QuestionRow, event: AuditEvent, now: datetime) -> None:
        record_question(session, row, event, now)
        self._progress.publish(session, row.customer_id, row.operation_id)


def _fitting(row: QuestionRow, given: Given) -> Secret | None:
    """What was typed, as it is used. Raises WrongAnswer for what does not fit the question, without repeating it."""
    kind = QuestionKind(row.kind)
    wanted = given.typed if kind in TYPED else given.chosen if kind is QuestionKind.CHOICE else given.yes or None
    if wanted is None or [given.typed, given.chosen, given.yes or None].count(None) != 2:
        raise WrongAnswer(because=HOW[kind])
    if given.chosen is not None and not 0 <= given.chosen < len(row.options):
        raise WrongAnswer(because=f"There are {len(row.options)} options, counted from 0.")
    return None if given.typed is None else _cleaned(kind, given.typed)


HOW = {
    QuestionKind.CODE: "It asks for a code.",
    QuestionKind.CAPTCHA: "It asks for a text.",
    QuestionKind.TEXT: "It asks for a text.",
    QuestionKind.CHOICE: "It asks for one of its options.",
    QuestionKind.APPROVAL: "It asks for a yes or a no.",
}


def _cleaned(kind: QuestionKind, typed: Secret) -> Secret:
    """What was typed without the spaces that only make it readable. Raises WrongAnswer."""
    text = typed.reveal()
    text, longest = ("".join(text.split()), LONGEST_CODE) if kind is QuestionKind.CODE else (text.strip(), LONGEST_TEXT)
    if not text:
        raise WrongAnswer(because="It is empty.")
    if len(text) > longest:
        raise WrongAnswer(because=f"It is longer than {longest} characters.")
    if not text.isprintable():
        raise WrongAnswer(because="It has characters that nobody types.")
    return Secret(text)
