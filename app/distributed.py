"""Wakes workers of any number of processes that share a PostgreSQL database, through Procrastinate; its only importer.

It wakes and nothing else: what there is to do, who has it and how it stands says the operations table, so a wake-up that
comes twice, too late or never loses nothing. What nobody was woken for, the sweep of every worker finds.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy.engine import URL

from app.scheduler import EmbeddedQueue, Round, RoundEnded, Work
from core.database.between_processes import LIVE, NEWS, Leadership, Listener, News, libpq_url, send, worker_is_named
from core.database.engines import GIVEN_UP, RW
from core.database.session import CustomerSession
from core.errors import Unavailable
from core.operations.shared_live_pictures import SharedLivePictures
from core.operations.shared_progress import SharedProgress

log = logging.getLogger(__name__)

# By these names other versions find it, too, while a new one is rolled out.
QUEUE, WAKE = "operations", "autonomous.wake"
POLLS_EVERY = 1.0  # seconds; a new job is heard of at once, a job that was put back is not
HEARTBEAT_EVERY, STALLED_AFTER = 5.0, 20.0  # seconds; what a dead worker has left with the library is garbage, no more
CLEARED_EVERY = 60  # seconds
AGAIN_AFTER = 1.0  # seconds until a worker whose connection was lost begins anew
CONNECTION_ERRORS = (ConnectorException, psycopg.Error, OSError)


class NotAsked(Unavailable):
    """No worker could be asked, so nothing was begun."""

    code: ClassVar[str] = "not_asked"


class SharedQueue:
    """The queue of many processes. One that does not `work` only asks, and does its share of the rounds.

    It has the ear of the live pictures, too.
    """

    def __init__(
        self,
        url: URL,
        progress: SharedProgress,
        *,
        works: bool,
        at_once: int,
        name: str = "",
        live: SharedLivePictures | None = None,
    ) -> None:
        self._local = EmbeddedQueue()
        self._live = live
        self._progress = progress
        self._works = works
        self._at_once = at_once
        self._leadership = Leadership(url)
        ears = {NEWS: self._hear} | ({LIVE: live.hear} if live else {})
        self._listener = Listener(url, ears, self._missed)
        self._asks = App(connector=SyncPsycopgConnector())  # never opened: jobs go by the caller's own connection
        # It acts for nobody, so it sees no customer's rows.
        options = GIVEN_UP | {
            "options": f"{GIVEN_UP['options']} -c role={RW}",
            "application_name": worker_is_named(name),
        }
        pool = PsycopgConnector(conninfo=libpq_url(url), kwargs=options, min_size=1, max_size=4)
        self._takes = App(connector=pool)
        self._takes.task(name=WAKE, queue=QUEUE)(self._woken)
        self._work: Work | None = None

    def every(self, name: str, seconds: float, work: Round, first_after: float) -> None:
        """Do this again and again, in one of the processes at a time."""

        async def if_leading() -> None:
            if await self._leadership.is_ours():
                await work()

        self._local.every(name, seconds, if_leading, first_after)

    @property
    def rounds_ended(self) -> dict[str, RoundEnded | None]:
        """By name, the rounds of this process; those of whoever does not lead are over at once."""
        return self._local.rounds_ended

    def enqueue(self, session: CustomerSession, customer_id: UUID, operation_id: UUID) -> None:
        """Wake a worker, in the caller's transaction: operation, wake-up and audit entry all exist, or none."""
        raw: Any = session.connection().connection.driver_connection
        job = self._asks.configure_task(WAKE, queue=QUEUE, connection=raw)
        try:
            job.defer(customer_id=str(customer_id), operation_id=str(operation_id))
        except ConnectorException as error:
            raise NotAsked from error

    def stop(self, session: CustomerSession, operation_id: UUID, because: str) -> None:
        """Have whoever runs it look at the table, once this is committed; why it is to stop stands there."""
        if session.customer_id:
            send(session, News(session.customer_id, operation_id, look=True))

    def start(self, work: Work) -> None:
        """Hear the news; and begin to work, if this process does. Called on the running loop."""
        self._work = work
        self._local.start(work, sweeps=self._works)
        self._local.spawn(_kept(self._listener.listen, "the news"), "the news")
        if self._live:
            self._local.every("live pictures", CLEARED_EVERY, self._live.clear_leftovers, first_after=CLEARED_EVERY)
        if self._works:
            self._local.spawn(_kept(self._take_wake_ups, "the wake-ups"), "the wake-ups")
            self._local.every("leftovers", CLEARED_EVERY, self._clear_leftovers, first_after=CLEARED_EVERY)

    async def shut_down(self) -> None:
        """Take no wake-ups any more; runs under way hand their operation back, and are waited for."""
        await self._local.shut_down()
        if self._live:
            await self._live.close()
        with suppress(*CONNECTION_ERRORS):
            await self._takes.close_async()
        await self._leadership.resign()

    async def listening(self) -> None:
        """Return once news is heard."""
        await self._listener.is_listening.wait()

    def _hear(self, words: str) -> None:
        news = News.read(words)
        if news is None:
            return
        if news.look:
            if self._work is not None:
                self._work.look(news.operation_id)
        else:
            self._progress.tell(news.customer_id, news.operation_id)

    def _missed(self) -> None:
        self._local.spawn(self._progress.tell_anew())

    async def _take_wake_ups(self) -> None:
        """Until cancelled. A worker whose connections were cut ends; another one begins."""
        while True:
            try:
                await self._takes.open_async()
                await self._takes.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._at_once,
                    fetch_job_polling_interval=POLLS_EVERY,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_EVERY,
                    stalled_worker_timeout=STALLED_AFTER,
                )
            except CONNECTION_ERRORS as error:
                log.warning("nobody is woken for a moment: %s", type(error).__name__)
            await asyncio.sleep(AGAIN_AFTER)

    async def _woken(self, customer_id: str, operation_id: str) -> None:
        """A place of the library's is taken for as long as one of ours is, so that wake-ups go where there is one."""
        if self._work is not None and (run := self._local.spawn(self._work.run_free())):
            await asyncio.wait({run})  # what it meets is the queue's to tell

    async def _clear_leftovers(self) -> None:
        """Delete wake-ups that dead workers have had: the sweep has long found what they were for.

        Any worker may, and two at once do no harm. None leads for it: who leads has to do the rounds.
        """
        try:
            for job in await self._takes.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
                await self._takes.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        except CONNECTION_ERRORS as error:
            log.warning("wake-ups of dead workers are still there: %s", type(error).__name__)


async def _kept(work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
    """Do this until cancelled, and begin it anew if it ends by a bug: without it pages would stand still, and nobody be woken."""
    while True:
        task = asyncio.get_running_loop().create_task(work(), name=name)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()):
            log.error("%s ended with a bug, and begin anew", name, exc_info=error)
        await asyncio.sleep(AGAIN_AFTER)
