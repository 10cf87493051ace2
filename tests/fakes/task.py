"""An agent's task with a fake at each seam."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from core.agents.task import AgentTask
from core.browser.page import BrowserPage
from core.catalog.sync import ProductShelf
from core.planner.recorded import RecordedPlanner
from core.workflows.locator import Locator
from core.workflows.registry import WorkflowRegistry
from tests.fakes.clock import MovedClock
from tests.fakes.credentials import MemoryCredentials
from tests.fakes.page import FakePage
from tests.fakes.step_log import MemoryStepLog


@dataclass
class FakeBrowser:
    """Gives this page whenever it is opened, and shuts it when it is closed; counts how often each was."""

    page: FakePage
    opened: int = 0
    closed: int = 0
    sensitive: list[tuple[Locator, ...]] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, sensitive: tuple[Locator, ...]) -> AsyncIterator[BrowserPage]:
        self.opened += 1
        self.sensitive.append(sensitive)
        self.page.stopped = None
        try:
            yield self.page
        finally:
            self.closed += 1
            self.page.stop(because="It was closed.")


def fake_task(page: FakePage, log: MemoryStepLog) -> AgentTask:
    """A run on this page that writes to this log; what a test needs otherwise, it replaces."""
    customer_id = uuid4()
    return AgentTask(
        customer_id=customer_id,
        operation_id=uuid4(),
        origin=page.origin,
        permissions=frozenset(),
        workflows=WorkflowRegistry([]),
        planner=RecordedPlanner(patience=timedelta(0)),
        log=log,
        credentials=MemoryCredentials(),
        open_browser=FakeBrowser(page),
        proxy_url="",
        shelf=ProductShelf(log.write, customer_id, uuid4(), MovedClock()),
    )
