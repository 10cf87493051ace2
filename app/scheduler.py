"""Wakes the worker of this process, and does its rounds: APScheduler runs the jobs, the operations table remembers them."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.database.failures import AWAY
from core.database.session import CustomerSession

log = logging.getLogger(__name__)

SWEEP_EVERY = 2  # seconds between looks for operations that nobody has
SHUT_DOWN_WITHIN = 10  # seconds runs have to hand themselves back

Round = Callable[[], Coroutine[Any, Any, object]]


@dataclass(frozen=True)
class RoundEnded:
    """When a round was over last in this process, whether it was well, and how long it is from one to the next."""

    at: datetime
    was_well: bool
    period: timedelta


class Work(Protocol):
    """What is woken."""

    async def run_free(self) -> None:
        """Carry out what is free, the operation whose turn it is first, until nothing is; if there is a place for it."""
        ...

    async def stop(self, operation_id: UUID, because: str) -> None:
        """Stop one operation, if it runs here."""
        ...

    def look(self, operation_id: UUID) -> None:
        """See at once whether one operation may go on, if it runs here."""
        ...

    async def waiting(self) -> tuple[tuple[UUID, UUID], ...]:
        """Customer and id of operations that nobody has, as many as are looked at in one go."""
        ...


class EmbeddedQueue:
    """The queue of a single process. What it forgets at a crash, the sweep finds in the table."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True}, timezone="UTC")
        self._work: Work | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._rounds: dict[str, Round] = {}
        self._periods: dict[str, timedelta] = {}
        self.rounds_ended: dict[str, RoundEnded | None] = {}  # by name; None until the first is over
        self._closing = False

    def every(self, name: str, seconds: float, work: Round, first_after: float) -> None:
        """Do this again and again while the process lives, never twice at a time; before `start` or after it."""
        self._rounds[name], self._periods[name] = work, timedelta(seconds=seconds)
        self.rounds_ended.setdefault(name, None)
        first = datetime.fromtimestamp(time.time() + first_after, UTC)
        self._scheduler.add_job(self._begin, "interval", seconds=seconds, args=[name], id=name, next_run_time=first)

    def enqueue(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Wake the worker once the caller's transaction is committed."""
        session.after_commit(self.wake)

    def stop(self, session: CustomerSession, operation_id: UUID, because: str) -> None:
        """Stop the run once the caller's transaction is committed; in a process that works on nothing, none runs."""
        session.after_commit(lambda: self._stop(operation_id, because))

    def start(self, work: Work, *, sweeps: bool = True) -> None:
        """Begin to wake this worker, with whatever waits already, if it is to. Called on the running loop."""
        self._work = work
        self._scheduler.start()
        if sweeps:
            self._scheduler.add_job(self._sweep, "interval", seconds=SWEEP_EVERY, id="sweep")
            self.spawn(self._sweep())

    async def shut_down(self) -> None:
        """Stop waking; runs under way are cancelled, hand their operation back, and are waited for."""
        self._closing = True
        if self._scheduler.running:
            self._scheduler.pause()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SHUT_DOWN_WITHIN)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @property
    def _working(self) -> Work:
        if self._work is None:
            raise RuntimeError("the queue was not started")
        return self._work

    def wake(self) -> None:
        """Have the worker look for what is free."""
        # A fresh id each time: APScheduler silently drops a job whose id is running.
        self._scheduler.add_job(self._run, id=uuid4().hex)

    def _stop(self, operation_id: UUID, because: str) -> None:
        if self._work is not None:
            self.spawn(self._work.stop(operation_id, because))

    async def _run(self) -> None:
        # Scheduler jobs can't be waited for: its shutdown cancels them. So the run is a task of ours.
        self.spawn(self._working.run_free())

    async def _begin(self, name: str) -> None:
        if not any(task.get_name() == name for task in self._tasks):
            self.spawn(self._rounds[name](), name)

    async def _sweep(self) -> None:
        try:
            free = await self._working.waiting()
        except AWAY as away:
            log.warning("the database does not answer; it is asked again in %s s: %s", SWEEP_EVERY, away)
            return
        for _ in free:  # each as far as there is a place
            self.spawn(self._working.run_free())

    def spawn(self, work: Coroutine[Any, Any, object], name: str | None = None) -> asyncio.Task[object] | None:
        """Begin this as a task that is waited for at the end, and whose failure is told; nothing begins after the end."""
        if self._closing:  # a sweep under way would begin anew what was just handed back
            work.close()
            return None
        # In a context of its own: it is not about the request that happened to wake the scheduler last.
        task = asyncio.get_running_loop().create_task(work, name=name, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if task.get_name() in self._rounds:
            was_well = not (task.cancelled() or error)
            now, period = datetime.fromtimestamp(time.time(), UTC), self._periods[task.get_name()]
            self.rounds_ended[task.get_name()] = RoundEnded(now, was_well, period)
        if isinstance(error, AWAY):
            log.warning("the database went away under %s, which comes again: %s", task.get_name(), error)
        elif error:
            log.error("a job ended with a bug", exc_info=error)
