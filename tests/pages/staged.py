"""Runs of a person in front of the simulated dashboard, put where they are kept as if a worker had carried them out elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from core.agents.person import ANSWER_WITHIN, QuestionKind
from core.database.session import CustomerSession
from core.database.states import OperationStatus, StepState
from core.database.tables import OperationRow, QuestionRow, StepRow
from core.security.people.visitor import Visitor
from tests.pages.asking import WORDS
from tests.pages.simulation import Person

STEP_TAKES = timedelta(seconds=1.5)


@dataclass(frozen=True)
class Told:
    """A step as it is told: the sentence, how it stands, and what else there is to say of it."""

    intent: str
    state: StepState = StepState.DONE
    decided_by: str | None = "recorded"
    note: str | None = None


async def put_run(person: Person, *steps: Told, whose: Visitor | None = None, **values: Any) -> UUID:
    """A run that is over, and was completed if nothing else is said."""
    who, now = whose or person.stage.visitor, person.services.clock.now()
    usual: dict[str, Any] = {
        "id": uuid4(),
        "service": "woocommerce",
        "operation": "api_key_generation",
        "store_origin": f"https://{uuid4().hex[:8]}.example",  # of one shop no two are under way
        "permissions": [],
        "status": OperationStatus.COMPLETED,
        "created_at": now,
        "started_at": now,
        "finished_at": now + len(steps) * STEP_TAKES,
        "total_steps": len(steps),
    }
    row = OperationRow(customer_id=who.customer_id, requested_by=who.user_id, **(usual | values))
    made = row.id

    def add(session: CustomerSession) -> None:
        session.add(row)
        session.flush()
        for position, step in enumerate(steps, 1):
            begun = now + (position - 1) * STEP_TAKES
            session.add(
                StepRow(
                    customer_id=who.customer_id,
                    operation_id=made,
                    position=position,
                    intent=step.intent,
                    action="click",
                    state=step.state,
                    decided_by=step.decided_by,
                    note=step.note,
                    started_at=begun,
                    finished_at=begun + STEP_TAKES,
                )
            )

    await person.services.database.run(who.customer_id, add)
    return made


async def put_question(person: Person, kind: QuestionKind, options: tuple[str, ...] = ()) -> tuple[UUID, UUID]:
    """A run that asks; the ids of operation and question."""
    now, question_id = person.services.clock.now(), uuid4()
    steps = (Told("Sign in as admin"), Told("Create the key", StepState.RUNNING))
    waiting: dict[str, Any] = {
        "status": OperationStatus.AWAITING_INPUT,
        "finished_at": None,
        "current_step": 2,
        "fence": 1,
        "attempt": 1,
        "lease_owner": "elsewhere",
        "lease_until": now + timedelta(hours=1),
    }
    operation_id = await put_run(person, *steps, **waiting)
    row = QuestionRow(
        customer_id=person.stage.visitor.customer_id,
        id=question_id,
        operation_id=operation_id,
        position=2,
        kind=kind,
        words=WORDS[kind],
        options=list(options),
        action_sha256="0" * 64 if kind is QuestionKind.APPROVAL else None,
        page_url="https://tea.example/wp-login.php",
        created_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    await person.services.database.run(row.customer_id, lambda session: session.add(row))
    return operation_id, question_id


async def answer_elsewhere(person: Person, operation_id: UUID, question_id: UUID, *, chosen: int) -> None:
    """Another process has taken an answer, and this one was not told of it yet."""
    company = person.stage.visitor.customer_id

    def answer(session: CustomerSession) -> None:
        row = session.get(QuestionRow, (company, question_id))
        assert row is not None
        assert row.operation_id == operation_id
        row.answered_by, row.chosen = "user:somebody else", chosen
        session.add(row)

    await person.services.database.run(company, answer)


async def question_of(person: Person, operation_id: UUID, question_id: UUID) -> QuestionRow:
    """The question as it stands."""
    company = person.stage.visitor.customer_id
    row = await person.services.database.read(company, lambda session: session.get(QuestionRow, (company, question_id)))
    assert row is not None
    assert row.operation_id == operation_id
    return row
