"""Carries out operations: claims one, runs its agent under a lease, cleans up if it fails, and records how it ended."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Protocol
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError

from core.agents.agent import AgentResult, AutonomousAgent, StepFailed
from core.agents.task import MADE
from core.clock import Clock
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus
from core.database.tables import OperationRow
from core.errors import CoreError, Unavailable
from core.operations import lease as leases
from core.operations.ending import Ending, EndingWriter
from core.operations.lease import MOST_ATTEMPTS, RENEW_EVERY, Lease, LeaseLost
from core.operations.progress import ProgressBus
from core.operations.rows import operation_of
from core.operations.run_time import RunTime
from core.operations.step_log import ACTOR, record_unknown
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

log = logging.getLogger(__name__)

MOST_AT_ONCE = 4  # runs of one process; a browser context needs about 90 MiB
LOOK_EVERY = 0.25  # seconds between looks whether a run may go on; a withdrawal elsewhere holds within a second
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


@dataclass
class Running:
    """A run of this process."""

    work: asyncio.Task[AgentResult] | None = None
    shut: Callable[[str], None] | None = None
    stopped_because: str = ""


class OperationWorker:
    """Runs operations in this process. Any number of workers may be woken for the same one: a single claim wins."""

    def __init__(
        self, database: Database, agents: AgentFactory, endings: EndingWriter, progress: ProgressBus, clock: Clock
    ) -> None:
        self._database = database
        self._agents = agents
        self._endings = endings
        self._progress = progress
        self._clock = clock
        self._name = f"worker-{id(self):x}"
        self._running: dict[UUID, Running] = {}
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    async def run(self, customer_id: UUID, operation_id: UUID) -> None:
        """Claim this operation and carry it out; nothing happens if somebody else has it, or it is over."""
        if operation_id in self._running:
            return
        running = self._running[operation_id] = Running()
        try:
            async with self._slots:
                await self._claim_and_run(customer_id, operation_id, running)
        finally:
            del self._running[operation_id]

    async def stop(self, operation_id: UUID, because: str) -> None:
        """Shut the browser of this operation, if it runs here: the way out first, then the work."""
        running = self._running.get(operation_id)
        if running is None:
            return
        running.stopped_because = because
        if running.shut:
            running.shut(because)
        if running.work:
            running.work.cancel()

    async def waiting(self) -> tuple[tuple[UUID, UUID], ...]:
        """Customer and id of every operation that nobody has: what a crash or a lost wake-up left behind."""
        now = self._clock.now()
        return await self._database.read_across_customers(
            partial(leases.waiting, now=now), because="the sweep looks for operations nobody has"
        )

    async def free_all(self) -> None:
        """Count every lease as lost: at the start of the only process that works on this database."""
        await self._database.run_across_customers(leases.free_all, because="no other process has this database")

    async def _claim_and_run(self, customer_id: UUID, operation_id: UUID, running: Running) -> None:
        lease = await self._database.run(customer_id, partial(self._claim, operation_id))
        if lease is None:
            return
        self._progress.publish(customer_id, operation_id)
        try:
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(self._keep(lease)), group.create_task(self._watch(lease))]
                await self._carry_out(lease, running)
                for one in beside:
                    one.cancel()
        except* LeaseLost:
            await self._database.run(customer_id, partial(leases.write_spent, lease=lease))
            log.info("operation %s was taken over or stopped; this worker writes nothing more", operation_id)
        self._progress.publish(customer_id, operation_id)

    def _claim(self, operation_id: UUID, session: CustomerSession) -> Lease | None:
        now = self._clock.now()
        lease = leases.claim(session, operation_id, self._name, now)
        if lease is not None:
            action = AuditAction.OPERATION_STARTED if lease.fence == 1 else AuditAction.OPERATION_RESUMED
            event = AuditEvent(action, ACTOR, operation_id, {"attempt": lease.attempt})
            audit_log.record(session, lease.customer_id, event, at=now)
            record_unknown(session, lease, at=now)
            # Whoever asked it is gone: what this run has to know, it asks anew.
            self._endings.void_question(session, leases.row_of(session, operation_id))
        return lease

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease until cancelled. Raises LeaseLost."""
        while True:
            await asyncio.sleep(RENEW_EVERY.total_seconds())
            await self._database.run(lease.customer_id, partial(leases.renew, lease=lease, now=self._clock.now()))

    async def _watch(self, lease: Lease) -> None:
        """Stop the run as soon as it may not go on, whoever has withdrawn that in whichever process, or nobody: it expires.

        What is withdrawn in this process stops it at once; this is for all else.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if because := await self._database.read(lease.customer_id, partial(self._why_not, lease)):
                await self._database.run(lease.customer_id, partial(self._end_without_consent, lease, because))
                await self.stop(lease.operation_id, because)
                return

    def _why_not(self, lease: Lease, session: CustomerSession) -> str:
        """Why this run may not go on; empty if it may."""
        row = leases.row_of(session, lease.operation_id)
        if row.fence != lease.fence or OperationStatus(row.status).is_over:
            return row.failure_sentence or "it was taken over"
        return self._endings.objection(session, row)

    def _end_without_consent(self, lease: Lease, because: str, session: CustomerSession) -> None:
        """What nobody allows any more ends here, and is not cleaned up at the shop: that would need consent, too."""
        row = operation_of(session, lease.operation_id, for_update=True)
        if row.fence == lease.fence and not OperationStatus(row.status).is_over:
            self._endings.stop(session, row, because)
            event = AuditEvent(AuditAction.OPERATION_CANCELLED, ACTOR, row.id, {"because": because})
            audit_log.record(session, row.customer_id, event, at=self._clock.now())

    async def _carry_out(self, lease: Lease, running: Running) -> None:
        try:
            row = await self._held(lease)
            # Who stopped it may have asked another worker, which is gone.
            running.stopped_because = running.stopped_because or row.stop_asked_because or ""
            ending = _ended_before(lease, running) or await self._attempt(lease, row, running)
            if not ending.completed:
                stopped = running.stopped_because
                ending = await self._clean_up(lease, Ending.stopped(stopped) if stopped else ending)
        except asyncio.CancelledError:
            with suppress(LeaseLost):
                await self._database.run(lease.customer_id, lambda session: leases.give_back(session, lease))
            raise
        await self._database.run(lease.customer_id, partial(self._endings.write, lease, ending))

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
        except LeaseLost:
            raise
        except CoreError as error:
            return Ending.by(error)
        except (OperationalError, InterfaceError) as error:  # its words may hold what was written
            log.error("operation %s lost the database: %s", lease.operation_id, type(error).__name__)  # noqa: TRY400
            return Ending.by(DatabaseAway())
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

    async def _clean_up(self, lease: Lease, ending: Ending) -> Ending:
        """Have a fresh agent remove what the run made, and say what it could not."""
        row = await self._held(lease)
        if MADE not in row.checkpoint.get("done", ()):
            return ending
        if lease.attempt > MOST_ATTEMPTS + 1:
            return ending.leaving(self._endings.what_is_left(row))  # the worker died on cleaning up, too
        try:
            async with self._agents(lease, row, cleans_up=True) as started, started.time.limited(LONGEST_CLEAN_UP):
                return ending.leaving(await started.agent.clean_up())
        except LeaseLost:
            raise
        except (CoreError, TimeoutError) as error:
            log.warning("operation %s could not be cleaned up: %s", lease.operation_id, error)
        except Exception:
            log.exception("operation %s met a bug while it was cleaned up", lease.operation_id)
        return ending.leaving(self._endings.what_is_left(row))


def _ended_before(lease: Lease, running: Running) -> Ending | None:
    """The ending of what should not be begun any more."""
    if running.stopped_because:
        return Ending.stopped(running.stopped_because)
    if lease.attempt > MOST_ATTEMPTS:
        return Ending.failed("died_too_often", "The worker died on this too often.")
    return None


class DatabaseAway(Unavailable):
    """Our own database did not answer for a moment."""

    code: ClassVar[str] = "database_away"


class Stopped(Exception):
    """The work of a run was cancelled from outside."""
