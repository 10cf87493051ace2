"""Runs of an operation by a worker with told agents."""

import asyncio
from typing import Any
from uuid import UUID

from core.agents.task import MADE
from core.database.tables import OperationRow
from core.measures import Measures, Unmeasured
from core.operations.limits import Limits
from core.operations.worker import OperationWorker, WorkerTools
from tests.core.operations.house import House
from tests.fakes.agents import FakeAgents, Held


def worker_of(
    house: House, agents: FakeAgents, limits: Limits | None = None, measures: Measures | None = None
) -> OperationWorker:
    """A worker with these agents, who may have all its places for one customer."""
    limits = limits or Limits(per_customer=2 * Limits.at_once)
    tools = WorkerTools(house.database, house.endings, house.progress, house.clock, measures or Unmeasured())
    return OperationWorker(tools, agents, limits)


async def made_something(house: House, operation_id: UUID) -> None:
    """As if a run had come to where the shop may hold something of it."""
    await house.put(operation_id, checkpoint={"done": [MADE]})


async def begun(worker: OperationWorker, house: House, deed: Held) -> tuple[asyncio.Task[bool], UUID]:
    """A run that is under way, and the id of its operation."""
    asked = await house.pending()
    running = asyncio.get_running_loop().create_task(worker.run(house.visitor.customer_id, asked.id))
    await deed.until_begun()
    return running, asked.id


async def run_one(house: House, agents: FakeAgents, *, made: bool = False, **put: Any) -> OperationRow:
    """Run one operation from beginning to end; its row."""
    asked = await house.pending()
    if made:
        await made_something(house, asked.id)
    if put:
        await house.put(asked.id, **put)
    await worker_of(house, agents).run(house.visitor.customer_id, asked.id)
    return await house.row(asked.id)
