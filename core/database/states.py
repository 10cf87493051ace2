"""The states of an operation and the moves between them: one table, which the database checks as well."""

from enum import StrEnum


class OperationStatus(StrEnum):
    """Where an operation stands."""

    AWAITING_CONSENT = "awaiting_consent"
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    AWAITING_INPUT = "awaiting_input"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        """The state in a customer's words."""
        return WORDS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return not MOVES[self]


RESYNC, CHECK = "resync", "check"  # operations with a key that is there already: no setups
KEEPS_UP = (RESYNC, CHECK)

S = OperationStatus
WORDS = {
    S.AWAITING_CONSENT: "Needs your consent",
    S.PENDING: "Waiting to start",
    S.IN_PROGRESS: "In progress",
    S.AWAITING_INPUT: "Needs you",
    S.COMPLETED: "Done",
    S.FAILED: "Failed",
    S.CANCELLED: "Stopped",
}

MOVES: dict[OperationStatus, frozenset[OperationStatus]] = {
    S.AWAITING_CONSENT: frozenset({S.PENDING, S.AWAITING_INPUT, S.CANCELLED}),
    S.PENDING: frozenset({S.IN_PROGRESS, S.FAILED, S.CANCELLED}),
    S.IN_PROGRESS: frozenset({S.PENDING, S.AWAITING_INPUT, S.COMPLETED, S.FAILED, S.CANCELLED}),
    S.AWAITING_INPUT: frozenset({S.PENDING, S.IN_PROGRESS, S.FAILED, S.CANCELLED}),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
}

OPEN = tuple(status for status in OperationStatus if MOVES[status])


class StepState(StrEnum):
    """Where one step of a timeline stands."""

    TO_COME = "to_come"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class ConsentEnding(StrEnum):
    """How a consent ended: taken back, past its day, replaced by a newer one, or given to words that hold no more."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    INVALIDATED = "invalidated"


class ApprovalEnding(StrEnum):
    """How an owner's approval ended that was asked for; each is asked for once and answered once."""

    GIVEN = "given"
    DECLINED = "declined"
    REFUSED = "refused"
    REPLACED = "replaced"


class QuestionEnding(StrEnum):
    """How a question to a person ended; an answer is good for one use."""

    ANSWERED = "answered"
    DECLINED = "declined"
    EXPIRED = "expired"
    VOID = "void"


class ChangeState(StrEnum):
    """What staff decided on a proposed change of a learnt step."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    SHARED = "shared"
    REFUSED = "refused"


class MasterState(StrEnum):
    """Where a master key's life stands, in this order; it never goes back."""

    COMING = "coming"  # known, and wraps nothing yet
    PRIMARY = "primary"  # wraps what is new
    OLD = "old"  # still opens what it wrapped
    RETIRED = "retired"  # nothing names it any more, and it opens nothing
    DESTROYED = "destroyed"  # the key itself is gone


class NotificationEvent(StrEnum):
    """What somebody may want to be told of an operation; a test is asked for by whoever wants to see that it comes."""

    FINISHED = "finished"
    FAILED = "failed"
    NEEDS_YOU = "needs_you"
    TEST = "test"


class PrivacyKind(StrEnum):
    """What a customer may ask for of their own data."""

    EXPORT = "export"
    DELETE = "delete"
