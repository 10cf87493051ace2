"""One attempt at an operation: runs its agent, cleans up if it fails or is stopped, and records how it ended."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from core.agents.agent import AgentResult, AutonomousAgent, StepFailed
from core.agents.task import MADE
from core.browser.page import RunStopped
from core.clock import Clock
from core.database.failures import AWAY
from core.database.session import CustomerSession, Database
from core.database.tables import OperationRow
from core.errors import CoreError
from core.measures import Measures, Unmeasured
from core.operations import lease as leases
from core.operations.ending import Ending, EndingWriter
from core.operations.lease import MOST_ATTEMPTS, Lease, LeaseLost
from core.operations.progress import ProgressBus
from core.operations.run_time import RunTime
from core.statistics.figures import waited

log = logging.getLogger(__name__)

LONGEST_RUN = 15 * 60  # seconds, not counting those it waits for a person; a setup that takes longer is stuck
LONGEST_CLEAN_UP = 60  # seconds a failed or stopped run may take to remove what it made


@dataclass(frozen=True)
class StartedRun:
    """A run that is ready to go, what shuts its way out at once, and its time, which stands still for a person."""

    agent: AutonomousAgent
    shut: Callable[[str], None]
    time: RunTime = field(default_factory=RunTime)


class AgentFactory(Protocol):
    """Builds an operation's agent with all it needs; leaving the context gives the browser and the egress back."""

    def __call__(
        self, lease: Lease, row: OperationRow, *, cleans_up: bool = False
    ) -> AbstractAsyncContextManager[StartedRun]:
        """The agent of this operation, ready to run; what one that `cleans_up` does stands after what was done."""
        ...


@dataclass(frozen=True)
class WorkerTools:
    """What a worker works with, beside its agents."""

    database: Database
    endings: EndingWriter
    progress: ProgressBus
    clock: Clock
    measures: Measures = field(default_factory=Unmeasured)


@dataclass
class Running:
    """A run of this process. Whoever knows that it may have to stop sets `look`.

    A stop shuts the run's way out, and not that of the agent that removes what it made: only who may nothing any more
    has that shut, too.
    """

    work: asyncio.Task[AgentResult] | None = None
    shut: Callable[[str], None] | None = None
    shut_clean_up: Callable[[str], None] | None = None
    stopped_because: str = ""
    look: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: bool = False

    def stop(self, because: str) -> None:
        """Shut the way out, then stop the work; a second reason changes nothing."""
        if self.stopped_because:
            return
        self.stopped_because = because
        if self.shut:
            self.shut(because)
        if self.work:
            self.work.cancel()

    def shut_out(self, because: str) -> None:
        """Nobody allows it any more: shut the way out also of what was stopped before, and is removing what it made."""
        self.stop(because)
        if self.shut_clean_up:
            self.shut_clean_up(because)

    async def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what keeps and watches the run; if it fails, the run is lost with it."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException:
            self.is_lost = True
            raise

    async def told(self, within: float) -> None:
        """Return once somebody says that it may have to stop, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.look.wait()
        self.look.clear()


class Attempts:
    """Carries operations out that were claimed."""

    def __init__(self, tools: WorkerTools, agents: AgentFactory) -> None:
        self._database = tools.database
        self._agents = agents
        self._endings = tools.endings
        self._progress = tools.progress
        self._clock = tools.clock
        self._measures = tools.measures

    async def carry_out(self, lease: Lease, running: Running) -> None:
        """From where it stands to its end, which is recorded.

        Raises LeaseLost, what says that the database is away, or RunStopped if its browser went away and may have
        another try.
        """
        begun = asyncio.get_running_loop().time()
        try:
            row = await self._held(lease)
            await self._measure_wait(lease)
            # Who stopped it may have asked another worker, which is gone.
            running.stopped_because = running.stopped_because or row.stop_asked_because or ""
            ending = _ended_before(lease, running) or await self._attempt(lease, row, running)
            if not ending.completed:
                stopped = running.stopped_because
                ending = await self._clean_up(lease, Ending.stopped(stopped) if stopped else ending, running)
        except asyncio.CancelledError:
            # An attempt that fails by what goes on beside it counts; one that is handed back at the end of the process does not.
            hand_back = leases.give_up if running.is_lost else leases.give_back
            with suppress(LeaseLost, *AWAY):
                await self._database.run(lease.customer_id, lambda session: hand_back(session, lease))
            raise
        await self._database.run(lease.customer_id, partial(self._end, lease, ending))
        self._measures.run_ended(ending.status.value, asyncio.get_running_loop().time() - begun)

    async def _measure_wait(self, lease: Lease) -> None:
        """How long it had to wait for a worker; what is begun again has been through that."""
        if lease.fence == 1:
            seconds = await self._database.read(lease.customer_id, partial(waited, lease.operation_id))
            if seconds is not None:
                self._measures.run_started(seconds)

    def _end(self, lease: Lease, ending: Ending, session: CustomerSession) -> None:
        self._endings.write(lease, ending, session)
        self._progress.publish(session, lease.customer_id, lease.operation_id)

    async def _held(self, lease: Lease) -> OperationRow:
        """The operation as it stands, with the lease renewed. Raises LeaseLost."""
        now = self._clock.now()

        def hold(session: CustomerSession) -> OperationRow:
            leases.renew(session, lease, now)
            return leases.row_of(session, lease.operation_id)

        return await self._database.run(lease.customer_id, hold)

    async def _attempt(self, lease: Lease, row: OperationRow, running: Running) -> Ending:
        """Run the agent; whatever happens to it is an ending, but losing the lease, or being shut down."""
        try:
            async with self._agents(lease, row) as started:
                running.shut = started.shut
                running.work = asyncio.get_running_loop().create_task(started.agent.run())
                if running.stopped_because:
                    running.work.cancel()
                return Ending.of(await self._finished(running.work, started.time))
        except (LeaseLost, *AWAY):
            raise
        except CoreError as error:
            if isinstance(error, RunStopped) and _may_have_another(lease, running):
                raise
            return Ending.by(error)
        except Stopped:
            return Ending.failed("internal", "The run was cancelled.")
        except Exception:
            log.exception("operation %s met a bug", lease.operation_id)
            return Ending.failed("internal", "Something went wrong on our side. It has been logged.")
        finally:
            running.shut = running.work = None

    async def _finished(self, work: asyncio.Task[AgentResult], time: RunTime) -> AgentResult:
        """What the work gives. Raises Stopped if it alone was cancelled; being cancelled ourselves cancels it too."""
        try:
            async with time.limited(LONGEST_RUN):
                await asyncio.wait({work})
        except TimeoutError as error:
            work.cancel()
            await asyncio.wait({work}, timeout=LONGEST_CLEAN_UP)
            raise StepFailed("took_too_long", "It took longer than a setup can take.") from error
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work})
            raise
        if work.cancelled():
            raise Stopped
        return work.result()

    async def _clean_up(self, lease: Lease, ending: Ending, running: Running) -> Ending:
        """Have a fresh agent remove what the run made, and say what it could not. Raises as `carry_out`."""
        row = await self._held(lease)
        if MADE not in row.checkpoint.get("done", ()):
            return ending
        if lease.attempt > MOST_ATTEMPTS + 1:
            return ending.leaving(self._endings.what_is_left(row))  # the worker died on cleaning up, too
        try:
            async with self._agents(lease, row, cleans_up=True) as started, started.time.limited(LONGEST_CLEAN_UP):
                running.shut_clean_up = started.shut
                return ending.leaving(await started.agent.clean_up())
        except (LeaseLost, *AWAY):
            raise
        except RunStopped as error:
            if lease.attempt < MOST_ATTEMPTS:
                raise
            log.warning("operation %s could not be cleaned up: %s", lease.operation_id, error)
        except (CoreError, TimeoutError) as error:
            log.warning("operation %s could not be cleaned up: %s", lease.operation_id, error)
        except Exception:
            log.exception("operation %s met a bug while it was cleaned up", lease.operation_id)
        finally:
            running.shut_clean_up = None
        return ending.leaving(self._endings.what_is_left(row))


def _may_have_another(lease: Lease, running: Running) -> bool:
    """Whether a run whose browser is gone, though nobody has stopped it, may be attempted anew: as often as workers may die."""
    return not running.stopped_because and lease.attempt < MOST_ATTEMPTS


def _ended_before(lease: Lease, running: Running) -> Ending | None:
    """The ending of what should not be begun any more."""
    if running.stopped_because:
        return Ending.stopped(running.stopped_because)
    if lease.attempt > MOST_ATTEMPTS:
        return Ending.failed("died_too_often", "The worker died on this too often.")
    return None


class Stopped(Exception):
    """The work of a run was cancelled from outside."""
