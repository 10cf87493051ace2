"""How an operation ends: what is written of it, and what is forgotten with it."""

import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from random import SystemRandom
from typing import Self
from uuid import UUID

from core.agents.agent import AgentResult, StepFailed
from core.agents.integration import Integrations
from core.agents.leftovers import leftovers
from core.agents.task import MADE
from core.catalog.sync import connection_of, discard_unfinished
from core.clock import Clock
from core.database.session import CustomerSession
from core.database.states import ConsentEnding, NotificationEvent, OperationStatus, QuestionEnding
from core.database.tables import OperationRow
from core.errors import CoreError
from core.notifications.outbox import tell, tell_of_failure
from core.operations import lease as leases
from core.operations.allowance import check_allowed, lost_since, scope_of
from core.operations.deciders import decided
from core.operations.lease import Lease
from core.operations.questions import ANSWER, end_question, record_question, unended
from core.operations.retrying import MOST_TRIES, pause_before, try_again
from core.operations.step_log import ACTOR
from core.operations.unknown_steps import record_unknown
from core.operations.views import OperationResult
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.audit.checkpoints import Checkpoints
from core.security.consent.agreement import Purpose
from core.security.consent.consent import ConsentMissing, end_all
from core.security.keys.signing import BadSigningKey
from core.security.origin import Origin
from core.security.vault.vault import NoCredential, SecretRef, Vault

log = logging.getLogger(__name__)

IS_OVER = "the operation is over"
ACTIONS = {
    OperationStatus.COMPLETED: AuditAction.OPERATION_COMPLETED,
    OperationStatus.FAILED: AuditAction.OPERATION_FAILED,
    OperationStatus.CANCELLED: AuditAction.OPERATION_CANCELLED,
}


@dataclass(frozen=True)
class Ending:
    """How a run ended; `left_behind` is a sentence on what is still at the shop, or nothing.

    Whether a failure `passes` by itself, and how many seconds the shop has asked to wait, say whether and when it is
    tried once more.
    """

    status: OperationStatus
    result: AgentResult | None = None
    code: str = ""
    sentence: str = ""
    left_behind: str = ""
    passes: bool = False
    retry_after: float | None = None

    @classmethod
    def of(cls, result: AgentResult) -> Self:
        """It is done."""
        return cls(OperationStatus.COMPLETED, result)

    @classmethod
    def failed(cls, code: str, sentence: str) -> Self:
        """It could not be done."""
        return cls(OperationStatus.FAILED, code=code, sentence=sentence)

    @classmethod
    def by(cls, error: CoreError) -> Self:
        """It could not be done, because of this."""
        code, sentence, passes = error.code, error.sentence, error.retry
        if isinstance(error, StepFailed):
            code, sentence, passes = error.failure_code, error.because, error.passes
        return cls(OperationStatus.FAILED, None, code, sentence, passes=passes, retry_after=error.retry_after)

    @classmethod
    def stopped(cls, because: str) -> Self:
        """Somebody stopped it."""
        return cls(OperationStatus.CANCELLED, code="stopped", sentence=because)

    @property
    def completed(self) -> bool:
        """Whether what was asked for is there."""
        return self.result is not None

    def leaving(self, left_behind: str) -> Self:
        """The same, with what could not be removed."""
        return replace(self, left_behind=left_behind)


@dataclass(frozen=True)
class Stop:
    """Who ends an operation, and why; the customer reads the `sentence`, or else the reason."""

    actor: str
    because: str
    sentence: str = ""


class EndingWriter:
    """Writes endings. The sign-in to the shop was given for this one operation, so it goes with it."""

    def __init__(
        self, vault: Vault, integrations: Integrations, clock: Clock, checkpoints: Checkpoints | None = None
    ) -> None:
        self._vault = vault
        self._integrations = integrations
        self._clock = clock
        self._checkpoints = checkpoints
        self._chance = SystemRandom().uniform

    def write(self, lease: Lease, ending: Ending, session: CustomerSession) -> None:
        """Record how a run ended. Raises LeaseLost if it is not this worker's any more."""
        row, now = leases.row_of(session, lease.operation_id, for_update=True), self._clock.now()
        left_behind = " ".join(filter(None, self._left_behind(session, row, ending)))
        pause = self._pause(session, row, ending)
        leases.write(
            session,
            lease,
            status=ending.status,
            result=asdict(self._result(ending.result)) if ending.result else None,
            failure_code=ending.code or None,
            failure_sentence=ending.sentence or None,
            left_behind=left_behind or None,
            finished_at=now,
            lease_owner=None,
            lease_until=None,
            took_seconds=(now - row.started_at).total_seconds() if row.started_at else None,
            **decided(session, row.id),
        )
        self._end_steps(session, row)
        self.forget_what_is_over(session, row, keeps_sign_in=pause is not None)
        detail = {"code": ending.code or None, "leftBehind": left_behind or None}
        if ending.status is OperationStatus.CANCELLED:
            detail["because"] = ending.sentence
        self.audit(session, row, ACTIONS[ending.status], detail)
        if pause is not None:
            try_again(session, row, pause, ACTOR, now)  # what comes of that is told
        else:
            self._tell(session, row, ending, left_behind)
        self._sign(session, row.customer_id)

    def _tell(self, session: CustomerSession, row: OperationRow, ending: Ending, left_behind: str) -> None:
        """Have who wants to know it told how it ended; not who stopped it, nor every hour that all is well."""
        now, keeps_up = self._clock.now(), self._integrations.get(row.service, row.operation).keeps_up
        if ending.result is not None and not keeps_up:
            tell(session, row, NotificationEvent.FINISHED, ending.result.said, now)
        if ending.status is OperationStatus.FAILED:
            tell_of_failure(session, row, f"{ending.sentence} {left_behind}", now, keeps_up=keeps_up)

    def _left_behind(self, session: CustomerSession, row: OperationRow, ending: Ending) -> tuple[str, ...]:
        """What is said to be left, of this run and of the tries before it."""
        if ending.completed:
            return ()
        named = self._integrations.get(row.service, row.operation).what_is_left
        before = (named(one) for one in leftovers(session, row, named))
        return (ending.left_behind or self._not_taken_back(session, row), *before)

    def _pause(self, session: CustomerSession, row: OperationRow, ending: Ending) -> timedelta | None:
        """After how long it is tried once more by itself; None if it is not.

        What waits for its owner's approval is not: only they can begin it again. Nor is what somebody has stopped, or
        what nobody allows any more.
        """
        needs_a_person = self._integrations.get(row.service, row.operation).approval is not None
        if not ending.passes or row.tries >= MOST_TRIES or needs_a_person or row.stop_asked_because:
            return None
        if self.objection(session, row):
            return None
        return pause_before(row.tries + 1, ending.retry_after, self._chance)

    def _sign(self, session: CustomerSession, customer_id: UUID) -> None:
        """Have the end signed for at once, so that whoever watched can name what was; a missing key keeps no run open."""
        if self._checkpoints:
            try:
                self._checkpoints.sign(session, customer_id)
            except BadSigningKey as error:
                log.error("the end of a run of customer %s was not signed for: %s", customer_id, error)  # noqa: TRY400  known, and said whole

    def stop(self, session: CustomerSession, row: OperationRow, stop: Stop, *, keeps_sign_in: bool = False) -> None:
        """End an operation that no worker has, or that none may go on with; say what it may have left at the shop."""
        row.status = OperationStatus.CANCELLED
        row.failure_code, row.failure_sentence = "stopped", stop.sentence or stop.because
        row.finished_at = self._clock.now()
        row.lease_until = row.lease_owner = None
        if MADE in row.checkpoint.get("done", ()):
            row.left_behind = self.what_is_left(row)
        row.left_behind = row.left_behind or self._not_taken_back(session, row) or None
        session.add(row)
        self._end_steps(session, row)
        self.forget_what_is_over(session, row, keeps_sign_in=keeps_sign_in)
        event = AuditEvent(AuditAction.OPERATION_CANCELLED, stop.actor, row.id, {"because": stop.because})
        audit_log.record(session, row.customer_id, event, at=self._clock.now())
        self._sign(session, row.customer_id)

    def objection(self, session: CustomerSession, row: OperationRow) -> str:
        """Why an operation may not go on, in a sentence, as far as consent goes; empty if it may."""
        now, signs_in = self._clock.now(), bool(self._integrations.get(row.service, row.operation).sign_in)
        try:
            check_allowed(session, row, now)
        except ConsentMissing as error:
            return error.sentence
        lost = signs_in and lost_since(session, row, Purpose.STORE_SIGN_IN, now)
        return "Nobody allows any more that the shop's sign-in is kept." if lost else ""

    def forget_what_is_over(self, session: CustomerSession, row: OperationRow, *, keeps_sign_in: bool = False) -> None:
        """Delete the shop's sign-in from the vault, what was made and never proven, and what nobody asks any more."""
        integration = self._integrations.get(row.service, row.operation)
        discard_unfinished(session, row.service, Origin.of(row.store_origin))
        signs_in_with = () if keeps_sign_in else tuple(one.name for one in integration.asked_for)
        for field in (*signs_in_with, *integration.unproven):
            self._forget(session, row, field)
        if signs_in_with:
            kept = scope_of(row).for_purpose(Purpose.STORE_SIGN_IN)
            end_all(session, ACTOR, kept, ConsentEnding.EXPIRED, at=self._clock.now(), because=IS_OVER)
        self.void_question(session, row)

    def void_question(self, session: CustomerSession, row: OperationRow) -> None:
        """A question whose answer nobody will hear is void, and what was typed in answer is destroyed."""
        asked, now = unended(session, row.id), self._clock.now()
        if asked and end_question(session, asked, QuestionEnding.VOID, now):
            record_question(session, asked, AuditEvent(AuditAction.QUESTION_VOID, ACTOR), now)
        self._forget(session, row, ANSWER)

    def _forget(self, session: CustomerSession, row: OperationRow, field: str) -> None:
        ref = SecretRef(row.service, Origin.of(row.store_origin), field)
        with suppress(NoCredential):
            self._vault.delete(session, ref, at=self._clock.now(), actor=ACTOR, because=IS_OVER)

    def _end_steps(self, session: CustomerSession, row: OperationRow) -> None:
        """What was under way was not finished, as far as anybody knows."""
        record_unknown(session, row.id, "the run ended before it had an outcome", at=self._clock.now())

    def what_is_left(self, row: OperationRow) -> str:
        """What may still be at the shop of a run that made something and could not remove it."""
        return self._integrations.get(row.service, row.operation).what_is_left(row.id)

    def _not_taken_back(self, session: CustomerSession, row: OperationRow) -> str:
        """What an operation was to take back and did not: the keys that are connected still; of any other, nothing."""
        integration = self._integrations.get(row.service, row.operation)
        connected = connection_of(session, row.service, Origin.of(row.store_origin)) if integration.ends else None
        if connected is None or not connected.key_hint:
            return ""
        makers = (connected.operation_id, *(UUID(one) for one in connected.superseded))
        return " ".join(integration.what_is_left(one) for one in makers)

    def audit(
        self, session: CustomerSession, row: OperationRow, action: AuditAction, detail: dict[str, str | None]
    ) -> None:
        """Add an event of this operation to the customer's chain."""
        audit_log.record(session, row.customer_id, AuditEvent(action, ACTOR, row.id, detail), at=self._clock.now())

    def _result(self, result: AgentResult) -> OperationResult:
        return OperationResult(success=True, **asdict(result))
