"""An agent factory whose agents do what a test tells them, and which remembers what became of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from core.agents.agent import AgentResult, AutonomousAgent, CodeStep
from core.agents.slots import Slots
from core.database.tables import OperationRow
from core.operations.lease import Lease
from core.operations.run_time import RunTime
from core.operations.worker import StartedRun
from core.security.secret import Secret
from core.workflows.step import Workflow

RESULT = AgentResult("47 products synced.", "https://tea.example", "ck_…abc1234", "read", "read", 47)

Deed = Callable[[Lease], Awaitable[AgentResult]]
CleanUp = Callable[[Lease], Awaitable[str]]


async def succeed(lease: Lease) -> AgentResult:
    """Do nothing, well."""
    return RESULT


async def leave_nothing(lease: Lease) -> str:
    """Clean up, completely."""
    return ""


class ToldAgent(AutonomousAgent):
    """Runs and cleans up as told; it has no workflow and no browser."""

    def __init__(self, lease: Lease, deed: Deed, clean_up: CleanUp) -> None:
        self._lease, self._deed, self._clean_up = lease, deed, clean_up

    async def run(self) -> AgentResult:
        return await self._deed(self._lease)

    async def clean_up(self) -> str:
        return await self._clean_up(self._lease)

    def get_workflow(self) -> Workflow:
        raise NotImplementedError

    async def get_credentials(self) -> Slots:
        raise NotImplementedError

    async def extract_result(self) -> AgentResult:
        raise NotImplementedError

    def follow_up(self) -> Sequence[CodeStep]:
        raise NotImplementedError

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        raise NotImplementedError

    async def before_first_step(self) -> None:
        raise NotImplementedError

    async def finish(self) -> str:
        raise NotImplementedError

    @property
    def browser_is_done(self) -> bool:
        raise NotImplementedError


class FakeAgents:
    """`happened` says, in order: built, shut (because), given back. `times` are those of the runs."""

    def __init__(self, deed: Deed = succeed, clean_up: CleanUp = leave_nothing) -> None:
        self.deed, self.clean_up = deed, clean_up
        self.happened: list[str] = []
        self.times: list[RunTime] = []
        self._built = asyncio.Condition()
        self._shut = asyncio.Event()

    @asynccontextmanager
    async def __call__(self, lease: Lease, row: OperationRow, *, cleans_up: bool = False) -> AsyncIterator[StartedRun]:
        async with self._built:
            self.happened.append("built")
            self.times.append(RunTime())
            self._built.notify_all()
        try:
            yield StartedRun(
                ToldAgent(lease, self.deed, self.clean_up),
                self._noted_as_shut,
                self.times[-1],
            )
        finally:
            self.happened.append("given back")

    def _noted_as_shut(self, because: str) -> None:
        self.happened.append(f"shut: {because}")
        self._shut.set()

    async def until_shut(self) -> None:
        """Return once the way out of one was shut."""
        await self._shut.wait()

    @property
    def built(self) -> int:
        """How many agents there have been."""
        return self.happened.count("built")

    async def until_built(self, number: int) -> None:
        """Return once there have been so many agents."""
        async with asyncio.timeout(10), self._built:
            await self._built.wait_for(lambda: self.built >= number)


class Held:
    """A deed that goes on until it is let go; it says when it begins and how it ended."""

    def __init__(self) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        self.ended = ""

    async def __call__(self, lease: Lease) -> AgentResult:
        self.begun.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "let go"
        return RESULT

    async def until_begun(self) -> None:
        """Return once it has begun."""
        async with asyncio.timeout(10):
            await self.begun.wait()


def raising(error: BaseException) -> Callable[[Lease], Awaitable[Any]]:
    """A deed, or a clean-up, that goes wrong."""

    async def deed(lease: Lease) -> Any:
        raise error

    return deed
