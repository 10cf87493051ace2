"""A run of the demo that waits for a person, put into its database from outside, as the worker of another process does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from core.agents.person import ANSWER_WITHIN, QuestionKind
from core.database.engines import plain_engine
from core.database.states import OperationStatus, StepState
from core.database.tables import CredentialRow, OperationRow, QuestionRow, StepRow
from tests.pages.served import Demo

SHOP = "https://asking.example"
WORDS = {
    QuestionKind.CODE: "The shop asks for a one-time code (“Authentication code”). "
    "It comes from an authenticator app, by e-mail or by phone.",
    QuestionKind.CAPTCHA: "The shop asks what its picture says (“Type the letters you see”).",
    QuestionKind.TEXT: "The shop asks for something that it did not ask before: “Store reference”. What shall I enter?",
    QuestionKind.CHOICE: "The shop asks which account to go on with.",
    QuestionKind.APPROVAL: "This can't be taken back: Revoke the key “OmniOps · op 1a2b3c4d”. Press the link “Revoke”. Shall I?",
}
STEPS = ("Open the shop's sign-in page", "Sign in as admin", "Open the settings", "Create the key")


@dataclass(frozen=True)
class Asking:
    """An operation that asks something."""

    demo: Demo
    operation_id: UUID
    question_id: UUID

    def question(self) -> QuestionRow:
        """The question as it stands."""
        with written(self.demo) as session:
            return session.exec(select(QuestionRow).where(col(QuestionRow.id) == self.question_id)).one()

    def answers(self) -> int:
        """How many typed answers are in the vault."""
        with written(self.demo) as session:
            counted = session.connection().execute(
                text("SELECT count(*) FROM autonomous_credentials WHERE field = 'answer'")
            )
            return int(counted.scalar_one())

    def answer_elsewhere(self) -> None:
        """Another process has taken an answer: the second option."""
        with written(self.demo) as session:
            row = session.exec(select(QuestionRow).where(col(QuestionRow.id) == self.question_id)).one()
            row.answered_by, row.chosen = "user:somebody else", 1
            session.add(row)


@contextmanager
def asking(demo: Demo, kind: QuestionKind, options: tuple[str, ...] = ()) -> Iterator[Asking]:
    """An operation of the demo's customer that asks, with a worker that never comes; it is gone afterwards."""
    asked = Asking(demo, uuid4(), uuid4())
    with written(demo) as session:
        _add(session, asked, kind, options)
    try:
        yield asked
    finally:
        with written(demo) as session:
            session.exec(delete(QuestionRow).where(col(QuestionRow.operation_id) == asked.operation_id))
            session.exec(delete(StepRow).where(col(StepRow.operation_id) == asked.operation_id))
            session.exec(delete(OperationRow).where(col(OperationRow.id) == asked.operation_id))
            session.exec(delete(CredentialRow).where(col(CredentialRow.store_origin) == SHOP))


@contextmanager
def written(demo: Demo) -> Iterator[Session]:
    """One transaction on the demo's database."""
    with (
        plain_engine(f"sqlite:///{demo.database}").connect() as connection,
        Session(connection, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def _add(session: Session, asked: Asking, kind: QuestionKind, options: tuple[str, ...]) -> None:
    now = datetime.now(UTC)
    like = session.exec(select(OperationRow).where(col(OperationRow.id) == UUID(asked.demo.operation))).one()
    seen = select(StepRow).where(col(StepRow.operation_id) == like.id, col(StepRow.picture_id).is_not(None))
    pictures = session.exec(seen.order_by(col(StepRow.position))).all()
    kept = {"requested_by", "service", "operation", "permissions", "consent_id", "customer_id"}
    under_way = OperationRow(
        **like.model_dump(include=kept),
        id=asked.operation_id,
        store_origin=SHOP,
        status=OperationStatus.AWAITING_INPUT,
        current_step=2,
        total_steps=len(STEPS),
        fence=1,
        attempt=1,
        model_calls=3,
        model_tokens=4_000,
        model_millionths=12_000,
        lease_owner="elsewhere",
        lease_until=now + timedelta(hours=1),
        created_at=now,
        started_at=now,
    )
    session.add(under_way)
    session.flush()
    for position, intent in enumerate(STEPS, start=1):
        state = StepState.DONE if position == 1 else StepState.RUNNING if position == 2 else StepState.TO_COME
        picture = pictures[0].picture_id if position == 1 else None
        session.add(
            StepRow(
                customer_id=like.customer_id,
                operation_id=asked.operation_id,
                position=position,
                intent=intent,
                action="click",
                state=state,
                picture_id=picture,
            )
        )
    session.add(
        QuestionRow(
            customer_id=like.customer_id,
            id=asked.question_id,
            operation_id=asked.operation_id,
            position=2,
            kind=kind,
            words=WORDS[kind],
            options=list(options),
            action_sha256="0" * 64 if kind is QuestionKind.APPROVAL else None,
            page_url=f"{SHOP}/wp-login.php",
            picture_id=pictures[-1].picture_id,
            created_at=now,
            expires_at=now + ANSWER_WITHIN,
        )
    )
