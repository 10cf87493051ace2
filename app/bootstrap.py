"""The one place where every seam meets its real thing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.agent_factory import BrowserAgents
from app.doors import Doors
from app.ground import Ground
from app.host import own_name
from app.ladder import ladder_of
from app.looks import ProcessLooks
from app.metrics import ProcessMetrics
from app.practice_room import shown
from app.settings import Settings
from app.telling import Telling
from app.use_cases import Own, beginning, use_cases, watched
from app.version import our_version
from core.agents.pace import Pace
from core.browser.object_storage.place import ObjectPlace
from core.browser.object_storage.store import BUCKET
from core.browser.sessions import Browsers, BrowserSettings
from core.clock import Clock, SystemClock
from core.database.upgrade import make_current
from core.demo.practice_room import PracticeRoom
from core.errors import CoreError
from core.measures import Measures
from core.notifications.rounds import NotificationRounds
from core.operations.consent_rounds import ConsentRounds
from core.operations.receipts import ReceiptDesk
from core.operations.retention import Retention
from core.operations.schedule_rounds import ScheduleRounds
from core.operations.step_log import StepLogTools
from core.operations.trail import AuditTrail
from core.operations.worker import OperationWorker, WorkerTools
from core.planner.heard import ModelHeard
from core.planner.planner import Planner
from core.privacy.deletion import Deletions, DeletionTools
from core.privacy.desk import PrivacyDesk
from core.privacy.export import Exports
from core.privacy.ledger import LedgerFile
from core.security.audit.checkpoints import Checkpoints
from core.security.vault.customer_keys import CustomerKeys
from core.security.vault.vault import Vault
from core.services import Services

if TYPE_CHECKING:
    from app.distributed import SharedQueue
    from app.scheduler import EmbeddedQueue

IN_RESERVE = 4  # contexts beyond those of the runs: of runs that are being closed, and the page that is kept ready
CONSENTS_EVERY = 300  # seconds between rounds in which consents lapse, and pictures nobody allows are deleted
SCHEDULES_EVERY = 60  # seconds between looks for what is to be asked for again
NOTIFICATIONS_EVERY = 3  # seconds between looks for what is to be told; somebody may be waited for

log = logging.getLogger(__name__)

CHECKPOINTS_EVERY = 5  # seconds between looks for chains that are to be signed: how much later than due that may be
HOUSEKEEPING_EVERY = 3600  # seconds between looks for chains to verify and for what is past its retention
HOUSEKEEPING_FIRST_AFTER = 60  # seconds; a process that is begun anew every hour looks, too


@dataclass(frozen=True)
class Duties:
    """What a process is there for: `works` carries operations out; `looks_after` does the rounds, if it is its turn."""

    works: bool = True
    looks_after: bool = True


@dataclass(frozen=True)
class Autopilot:
    """The product, wired: what is asked of it, and what carries it out."""

    settings: Settings
    services: Services
    vault: Vault
    checkpoints: Checkpoints
    retention: Retention
    deletions: Deletions
    exports: Exports
    consent_rounds: ConsentRounds
    schedule_rounds: ScheduleRounds
    notification_rounds: NotificationRounds
    queue: "EmbeddedQueue | SharedQueue"
    worker: OperationWorker
    browsers: Browsers
    duties: Duties

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Services]:
        """Open the database and do its duties until the context is left. The caller has its place of work (alone.py)."""
        await self.open()
        if self.services.database.is_sqlite:  # its file is this process's alone; on a server, leases run out
            await self.worker.free_all()
        self.queue.start(self.worker)
        if self.duties.looks_after:
            self._look_after_the_chains()
        warming_up = asyncio.get_running_loop().create_task(self._warm_up())
        try:
            yield self.services
        finally:
            await self.queue.shut_down()
            await asyncio.wait({warming_up})
            await self.browsers.close()
            await self.services.people.settled()
            if self.duties.looks_after:
                await self._sign_the_rest()
            self.services.database.close()

    def _look_after_the_chains(self) -> None:
        self.queue.every("checkpoints", CHECKPOINTS_EVERY, self.checkpoints.keep_due, first_after=0)
        self.queue.every("consents", CONSENTS_EVERY, self.consent_rounds.round, first_after=CONSENTS_EVERY)
        self.queue.every("schedules", SCHEDULES_EVERY, self.schedule_rounds.round, first_after=SCHEDULES_EVERY)
        self.queue.every("notifications", NOTIFICATIONS_EVERY, self.notification_rounds.round, first_after=0)
        self.queue.every(
            "old notifications", HOUSEKEEPING_EVERY, self.notification_rounds.purge, HOUSEKEEPING_FIRST_AFTER
        )
        self.queue.every("retention", HOUSEKEEPING_EVERY, self.retention.purge, HOUSEKEEPING_FIRST_AFTER)
        self.queue.every("deletions", HOUSEKEEPING_EVERY, self.deletions.again, HOUSEKEEPING_FIRST_AFTER)
        self.queue.every("verification", HOUSEKEEPING_EVERY, self.services.chains.verify_due, HOUSEKEEPING_FIRST_AFTER)

    async def _sign_the_rest(self) -> None:
        """What the last round has not signed yet; a database that is gone by now is signed by the next process."""
        try:
            await self.checkpoints.keep_all()
        except (CoreError, SQLAlchemyError) as error:
            log.warning("the last entries were not signed for: %s", type(error).__name__)

    async def _warm_up(self) -> None:
        """Have the browser ready before it is needed; the dashboard is of use without one, too."""
        if not self.duties.works:
            return
        if self.settings.anthropic_api_key:
            # the model's library takes a second or more
            await asyncio.to_thread(import_module, "core.planner.messages")
        if isinstance(self.settings.pictures, ObjectPlace):
            await asyncio.to_thread(import_module, BUCKET)  # so do those of the object store
        try:
            await self.browsers.prepare()
        except (CoreError, OSError) as error:
            log.warning("%s", error)

    async def open(self) -> bool:
        """Bring the database up to date, and make sure that the key is the one it was sealed with; True on the first run."""
        make_current(self.services.database)
        now = self.services.clock.now()
        is_first = await self.services.database.run_across_customers(
            lambda session: self.vault.open_database(session, at=now), because="the vault's key is checked at start"
        )
        await self.checkpoints.open()
        await self.deletions.again()
        return is_first


def build(
    settings: Settings,
    clock: Clock | None = None,
    planner: Planner | None = None,
    duties: Duties | None = None,
    *,
    demo: PracticeRoom | None = None,
) -> Autopilot:
    """Wire everything; nothing is opened yet. `clock` and `planner` are for tests; with a practice room it is a demo."""
    heard = ModelHeard()
    planner = planner or ladder_of(settings, heard=heard)
    duties, metrics = duties or Duties(), ProcessMetrics(our_version())
    on = Ground.laid(settings, clock or SystemClock(), metrics, works=duties.works)
    doors = Doors.wired(on.database, on.clock, on.vault, is_demo=demo is not None)
    deletions, browsers = _deletions(on), _browsers(settings)
    looks = ProcessLooks(settings, browsers, heard, on.queue, duties.works)
    trail = AuditTrail(on.database, on.checkpoints, on.clock)
    receipts = ReceiptDesk(on.database, on.checkpoints.keys, on.clock)
    exports = Exports(on.database, trail, receipts, on.pictures, on.clock)
    privacy = PrivacyDesk(on.database, doors.people, exports, deletions, on.clock)
    telling = Telling.wired(on, doors.people)
    own = Own(trail, receipts, privacy, telling.desk)
    return Autopilot(
        settings=settings,
        services=shown(use_cases(on, doors, watched(on, metrics, looks), own), on.vault, demo),
        vault=on.vault,
        checkpoints=on.checkpoints,
        retention=Retention(on.database, on.pictures, on.clock),
        deletions=deletions,
        exports=exports,
        consent_rounds=ConsentRounds(on.database, on.pictures, on.clock, on.wordings.texts.version),
        schedule_rounds=ScheduleRounds(on.database, beginning(on), on.endings, on.progress, on.clock),
        notification_rounds=telling.rounds,
        queue=on.queue,
        worker=_worker(on, planner, browsers, metrics, demo.pace if demo else Pace()),
        browsers=browsers,
        duties=duties,
    )


def _deletions(on: Ground) -> Deletions:
    ledger = LedgerFile(on.settings.deletions_path)
    keys = CustomerKeys(on.vault)
    return Deletions(DeletionTools(on.database, keys, on.checkpoints, on.pictures, on.queue, ledger, on.clock))


def _worker(on: Ground, planner: Planner, browsers: Browsers, measures: Measures, pace: Pace) -> OperationWorker:
    tools = StepLogTools(on.database, on.pictures, on.progress, on.clock)
    agents = BrowserAgents(
        tools,
        on.vault,
        on.integrations,
        on.workflows,
        planner,
        browsers,
        on.guard,
        on.wordings.model,
        on.live,
        pace=pace,
    )
    working = WorkerTools(on.database, on.endings, on.progress, on.clock, measures)
    return OperationWorker(working, agents, on.settings.limits, own_name())


def _browsers(settings: Settings) -> Browsers:
    contexts = settings.runs_at_once + IN_RESERVE
    return Browsers(
        settings.chromium, settings.browser_folder, BrowserSettings(contexts, sandbox=settings.browser_sandbox)
    )
