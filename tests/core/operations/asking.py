"""Questions of a run, and a person who is asked them while a test goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from PIL import Image
from sqlmodel import select

from core.agents.person import Answer, Question, QuestionKind
from core.browser.page import Picture
from core.browser.pictures import encoded
from core.database.tables import QuestionRow
from core.operations import questions
from core.operations.answers import Given
from core.operations.lease import Lease
from core.operations.questions import DatabasePerson
from core.operations.run_time import RunTime
from core.operations.step_log import StepLogTools
from core.operations.views import OperationView, QuestionView
from core.security.secret import Secret
from tests.core.operations.house import House
from tests.fakes.screenshots import MemoryScreenshotStore

TYPED = "canary-731942"
CODE = Question(QuestionKind.CODE, "What does your app say?", 3, page_url="https://tea.example/wp-login.php")
CHOICE = Question(QuestionKind.CHOICE, "Which account?", 3, options=("admin", "manager"))
APPROVAL = Question(QuestionKind.APPROVAL, "May I press “Revoke”?", 3, action="click Revoke on /keys")


class TakenPicture:
    """A picture of one colour."""

    async def ready(self) -> Picture:
        return encoded(Image.new("RGB", (16, 10), (59, 63, 70)), (), "https://tea.example/")


@dataclass(frozen=True)
class Asked:
    """A question that is being asked: who waits for the answer, and what people see of it."""

    house: House
    lease: Lease
    waiting: asyncio.Task[Answer]
    view: QuestionView

    async def answer(self, given: Given) -> None:
        """Answer it, as the house's visitor."""
        await self.house.questions.answer(self.house.visitor, self.lease.operation_id, self.view.id, given)

    async def decline(self) -> None:
        """Say no."""
        await self.house.questions.decline(self.house.visitor, self.lease.operation_id, self.view.id)

    async def settled(self) -> Answer:
        """What the run is told."""
        async with asyncio.timeout(10):
            return await self.waiting

    async def row(self) -> QuestionRow:
        """The question as it stands."""
        return next(row for row in await every_question(self.house) if row.id == self.view.id)


def typed(text: str = TYPED) -> Given:
    """An answer that is typed."""
    return Given(typed=Secret(text))


def person_of(house: House, lease: Lease, time: RunTime | None = None) -> DatabasePerson:
    """Whoever watches this run."""
    tools = StepLogTools(house.database, MemoryScreenshotStore(), house.progress, house.clock)
    return DatabasePerson(tools, house.secrets_of(lease), time or RunTime())


@asynccontextmanager
async def asking(house: House, lease: Lease, question: Question = CODE) -> AsyncIterator[Asked]:
    """Ask; whoever still waits in the end is cancelled."""
    waiting = asyncio.get_running_loop().create_task(person_of(house, lease).ask(question))
    view = await until(house, lease.operation_id, lambda view: view.question is not None)
    assert view.question is not None
    yield Asked(house, lease, waiting, view.question)
    waiting.cancel()
    await asyncio.wait({waiting})


async def until(house: House, operation_id: UUID, fits: Callable[[OperationView], bool]) -> OperationView:
    """The operation, once it fits."""
    changed = asyncio.Event()
    unsubscribe = house.progress.subscribe(house.visitor.customer_id, lambda _: changed.set())
    try:
        async with asyncio.timeout(10):
            while True:
                changed.clear()
                view = await house.operations.status(house.visitor, operation_id)
                if fits(view):
                    return view
                await changed.wait()
    finally:
        unsubscribe()


async def every_question(house: House) -> list[QuestionRow]:
    """All that was ever asked, the oldest first."""
    every = select(QuestionRow).order_by(QuestionRow.created_at)  # type: ignore[arg-type]  # a column, once mapped
    return await house.database.read(house.visitor.customer_id, lambda session: list(session.exec(every)))


async def kept_answers(house: House) -> int:
    """How many typed answers are in the vault."""
    return [one.field for one in await house.credentials.list(house.visitor)].count(questions.ANSWER)
