"""Steps that were healed in a house, and the desk where staff decide on what they propose."""

from dataclasses import dataclass, replace
from typing import Any

from core.agents.task import Healing, PlannedStep, StepOutcome
from core.database.roles import Role
from core.operations.changes import ChangeDesk
from core.operations.lease import Lease
from core.planner.planner import Decision, Rung
from core.security.people.people import Visitor
from core.workflows.locator import By, Link, Locator
from core.workflows.registry import WorkflowRegistry
from core.workflows.step import ActionKind, TaskStep, Workflow
from tests.core.operations.house import House, visitor
from tests.core.operations.test_step_log import log_of, recording
from tests.fakes.page import FakePicture
from tests.fakes.screenshots import MemoryScreenshotStore

PAGE = "https://tea.example/wp-admin/keys"
BEFORE, AFTER = Locator.css("#add-key"), Locator((Link(By.ROLE, "button", "Create an API key"),))
EVIDENCE = {"score": 0.91, "margin": 0.4, "names": ["Add key", "Create an API key"]}
STEP = TaskStep(order=1, intent="Begin a new key", action=ActionKind.CLICK, target="the link", locator=BEFORE)
LEARNT = Workflow("make-a-key", "Make a key", "tests/e2e/test_key.py", 1, "0" * 64, (), (), (STEP,))
HEALED = Healing(LEARNT.id, STEP, Rung.LIKENESS, AFTER, EVIDENCE)


@dataclass
class Staffed:
    """A house, the desk, and somebody of the staff, who belongs to another customer."""

    house: House
    desk: ChangeDesk
    staff: Visitor
    pictures: MemoryScreenshotStore

    async def heal(self, healing: Healing = HEALED, *, done: bool = True, lease: Lease | None = None) -> Lease:
        """Have a run heal its first step."""
        lease = lease or await self.house.claimed()
        log = await log_of(self.house, lease, self.pictures)
        planned = PlannedStep("Begin a new key", "click")
        async with recording(log):
            await log.plan([planned])
            await log.intend(1, planned, Decision(AFTER, healing.rung), PAGE)
            touched = (10.0, 20.0, 30.0, 40.0)
            outcome = StepOutcome(done, touched=touched, picture=FakePicture(PAGE), healing=healing)
            log.conclude(1, replace(outcome, page_url=PAGE))
            await log.settled()
        return lease

    async def proposed(self) -> Any:
        """The id of a change that is proposed."""
        await self.heal()
        return (await self.desk.list(self.staff))[0].id


async def staffed(house: House) -> Staffed:
    """The desk of this house."""
    pictures = MemoryScreenshotStore()
    somebody = await visitor(house.database, house.clock)
    desk = ChangeDesk(house.database, WorkflowRegistry([LEARNT]), pictures, house.clock)
    return Staffed(house, desk, replace(somebody, role=Role.ADMIN), pictures)
