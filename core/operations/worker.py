"""Works on what is asked: claims the operation whose turn it is, and watches over its run until it is over."""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from uuid import UUID

from core.browser.page import RunStopped
from core.database.failures import AWAY, FAILURES, told
from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.log_context import about
from core.operations import lease as leases
from core.operations.attempt import AgentFactory, Attempts, Running, StartedRun, WorkerTools
from core.operations.dispatch import ClaimedByAnother, has_enough, next_free
from core.operations.ending import Stop
from core.operations.lease import RENEW_EVERY, Hold, Lease, LeaseLost
from core.operations.limits import Limits
from core.operations.rows import operation_of
from core.operations.step_log import ACTOR
from core.operations.unknown_steps import record_unknown
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent

__all__ = ["AgentFactory", "OperationWorker", "StartedRun", "WorkerTools"]

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds between looks whether a run may go on; a withdrawal elsewhere holds within a second
CLAIM_TRIES, CLAIM_AGAIN_AFTER = 20, 0.02  # seconds; a claim takes milliseconds, so whoever takes longer is asleep
TRY_AGAIN_AFTER = 0.5  # seconds until a database that was away is asked again


class OperationWorker:
    """Runs operations in this process. Any number of workers may be woken for the same one: a single claim wins."""

    def __init__(self, tools: WorkerTools, agents: AgentFactory, limits: Limits | None = None, name: str = "") -> None:
        self.limits = limits or Limits()
        self._database = tools.database
        self._attempts = Attempts(tools, agents)
        self._endings = tools.endings
        self._progress = tools.progress
        self._clock = tools.clock
        self._measures = tools.measures
        self._name = name or f"worker-{id(self):x}"
        self._running: dict[UUID, Running] = {}
        self._slots = asyncio.Semaphore(self.limits.at_once)
        self._was_woken_in_vain = False

    async def run_free(self) -> None:
        """Carry out what is free, one after the other, until nothing is; nothing happens if every place is taken.

        Whoever has a place looks for the next operation before giving it up, so that no wake-up is missed.
        """
        self._measures.woken()
        while True:
            if self._slots.locked():
                self._was_woken_in_vain = True
                return
            async with self._slots:
                self._was_woken_in_vain = False
                found = await self._run_next()
            if not (found or self._was_woken_in_vain):
                return

    async def run(self, customer_id: UUID, operation_id: UUID) -> bool:
        """Claim this operation and carry it out; False if somebody has it, it is over, or its customer has enough."""
        if operation_id in self._running:
            return False
        running = self._running[operation_id] = Running()
        try:
            with about(operation=operation_id, customer=customer_id, worker=self._name):
                lease = await self._claimed(customer_id, operation_id)
                if lease is not None:
                    await self._carry_out(lease, running)
                return lease is not None
        finally:
            del self._running[operation_id]

    async def stop(self, operation_id: UUID, because: str) -> None:
        """Shut the browser of this operation, if it runs here: the way out first, then the work."""
        if running := self._running.get(operation_id):
            running.stop(because)

    def look(self, operation_id: UUID) -> None:
        """See at once whether this operation may go on, if it runs here: somebody has said elsewhere that it may not."""
        if running := self._running.get(operation_id):
            running.look.set()

    async def waiting(self) -> tuple[tuple[UUID, UUID], ...]:
        """Customer and id of operations that nobody has and somebody may: what a crash or a lost wake-up left behind."""
        use_case = partial(next_free, limits=self.limits, now=self._clock.now())
        return await self._database.read_across_customers(use_case, because="the sweep looks for operations nobody has")

    async def free_all(self) -> None:
        """Count every lease as lost: at the start of the only process that works on this database."""
        await self._database.run_across_customers(leases.free_all, because="no other process has this database")

    async def _run_next(self) -> bool:
        """Carry out the operation whose turn it is; whether there was one."""
        for customer_id, operation_id in await self.waiting():
            if await self.run(customer_id, operation_id):
                return True
        return False

    async def _claimed(self, customer_id: UUID, operation_id: UUID) -> Lease | None:
        """The lease; None where there is none to be had. What can't be claimed is told of, and keeps nobody else waiting."""
        for _ in range(CLAIM_TRIES):
            try:
                return await self._database.run(customer_id, partial(self._claim, operation_id))
            except AWAY:
                raise
            except ClaimedByAnother:
                await asyncio.sleep(CLAIM_AGAIN_AFTER)
            except FAILURES as error:
                log.error("ALERT: operation %s can't be begun: %s", operation_id, told(error))  # noqa: TRY400  known, and said whole
                break
        return None

    def _claim(self, operation_id: UUID, session: CustomerSession) -> Lease | None:
        began, now = leases.moment(), self._clock.now()
        if session.customer_id is None or has_enough(session, session.customer_id, self.limits, now):
            return None
        lease = leases.claim(session, operation_id, self._name, now)
        if lease is not None:
            lease = replace(lease, hold=Hold(began))
            action = AuditAction.OPERATION_STARTED if lease.fence == 1 else AuditAction.OPERATION_RESUMED
            event = AuditEvent(action, ACTOR, operation_id, {"attempt": lease.attempt})
            audit_log.record(session, lease.customer_id, event, at=now)
            record_unknown(session, operation_id, "its worker went away before it had an outcome", at=now)
            # Whoever asked it is gone: what this run has to know, it asks anew.
            self._endings.void_question(session, leases.row_of(session, operation_id))
            self._progress.publish(session, lease.customer_id, operation_id)
        return lease

    async def _carry_out(self, lease: Lease, running: Running) -> None:
        """Work on what was claimed, its lease kept and its consent watched, until it is over or somebody else's."""
        last_word: leases.Write | None = None
        try:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(running.beside(self._keep(lease))),
                    group.create_task(running.beside(self._watch(lease, running))),
                ]
                await self._attempts.carry_out(lease, running)
                for one in beside:
                    one.cancel()
        except* LeaseLost:
            log.info("operation %s was taken over or stopped; this worker writes nothing more", lease.operation_id)
            last_word = leases.write_spent
        except* RunStopped as gone:
            log.warning("the browser of operation %s went away: %s", lease.operation_id, gone.exceptions[0])
            last_word = leases.give_up
        except* AWAY as away:
            log.warning("the database went away under operation %s: %s", lease.operation_id, away.exceptions[0])
            last_word = leases.give_up
        # Outside of the blocks above, where being cancelled would be told as a bug.
        if last_word and not await self._leave(lease, last_word) and last_word is leases.write_spent:
            self._measures.lease_lost()

    async def _leave(self, lease: Lease, write: leases.Write) -> bool:
        """Write a last word, for as long as that is sure to be ours; False if nobody would hear it.

        After that, the table says enough to whoever goes on.
        """

        def last_word(session: CustomerSession) -> bool:
            written = write(session, lease)
            self._progress.publish(session, lease.customer_id, lease.operation_id)
            return written

        while lease.hold.is_sure:
            try:
                return await self._database.run(lease.customer_id, last_word)
            except LeaseLost:
                return False
            except AWAY:
                await asyncio.sleep(TRY_AGAIN_AFTER)
        return False

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease until cancelled. Raises LeaseLost, also if it could not be renewed in time."""
        pause = RENEW_EVERY.total_seconds()
        while True:
            await asyncio.sleep(pause)
            began = leases.moment()
            try:
                await self._database.run(lease.customer_id, partial(leases.renew, lease=lease, now=self._clock.now()))
            except AWAY as away:
                log.warning("the lease of operation %s could not be renewed: %s", lease.operation_id, away)
                pause = TRY_AGAIN_AFTER
            else:
                lease.hold.renewed(began)
                pause = RENEW_EVERY.total_seconds()
            if not lease.hold.is_sure:
                raise LeaseLost(because="It could not be renewed in time.")

    async def _watch(self, lease: Lease, running: Running) -> None:
        """Stop the run as soon as it may not go on, whoever has said so in whichever process, or nobody: it expires.

        What is withdrawn in this process stops it at once; this is for all else.
        """
        while True:
            await running.told(within=LOOK_EVERY)
            try:
                asked, because = await self._database.read(lease.customer_id, partial(self._why_not, lease))
                if because:
                    await self._database.run(lease.customer_id, partial(self._end_without_consent, lease, because))
            except AWAY:
                continue  # it has no lease for longer than a database may be away
            if because:
                return running.shut_out(because)
            if asked:
                running.stop(asked)

    def _why_not(self, lease: Lease, session: CustomerSession) -> tuple[str, str]:
        """Why somebody asked to stop this run, and why it may not even clean up after itself; empty if not so."""
        row = leases.row_of(session, lease.operation_id)
        if row.fence != lease.fence or OperationStatus(row.status).is_over:
            return "", row.failure_sentence or "it was taken over"
        return row.stop_asked_because or "", self._endings.objection(session, row)

    def _end_without_consent(self, lease: Lease, because: str, session: CustomerSession) -> None:
        """What nobody allows any more ends here, and is not cleaned up at the shop: that would need consent, too."""
        row = operation_of(session, lease.operation_id, for_update=True)
        if row.fence == lease.fence and not OperationStatus(row.status).is_over:
            self._endings.stop(session, row, Stop(ACTOR, because))
