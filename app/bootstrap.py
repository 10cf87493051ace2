"""The one place where every seam meets its real thing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from app.agent_factory import BrowserAgents
from app.ladder import ladder_of
from app.scheduler import EmbeddedQueue
from app.settings import CONSENT_TEXTS, KNOWLEDGE_BASE, Settings
from core.agents.integration import Integrations
from core.browser.screenshots import FolderScreenshotStore
from core.browser.sessions import Browsers, BrowserSettings
from core.catalog.catalog import Catalog
from core.clock import Clock, SystemClock
from core.database.session import Database
from core.database.upgrade import make_current
from core.errors import CoreError
from core.integrations.every import every_integration
from core.operations.answers import QuestionDesk
from core.operations.approvals import ApprovalDesk, ApprovalTools
from core.operations.changes import ChangeDesk
from core.operations.connections import ConnectionDesk
from core.operations.consent_rounds import ConsentRounds
from core.operations.consents import ConsentDesk, ConsentTools
from core.operations.credentials import CredentialDesk
from core.operations.ending import EndingWriter
from core.operations.progress import InProcessProgress
from core.operations.receipts import ReceiptDesk
from core.operations.return_address import ReturnAddress
from core.operations.service import OperationService
from core.operations.step_log import StepLogTools
from core.operations.trail import AuditTrail
from core.operations.wordings import Wordings
from core.operations.worker import OperationWorker
from core.planner.planner import Planner
from core.security.addresses import AddressGuard, SystemResolver
from core.security.consent_text import ConsentTexts
from core.security.keys import KeyFile, KeyFromText, KeyProvider
from core.security.people import People
from core.security.sessions import Sessions
from core.security.signing import SigningKeyFile
from core.security.tokens import Tokens
from core.security.vault import Vault
from core.services import Services
from core.statistics.statistics import Statistics
from core.workflows.registry import WorkflowRegistry

CONSENTS_EVERY = 300  # seconds between rounds in which consents lapse, and pictures nobody allows are deleted

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Autopilot:
    """The product, wired: what is asked of it, and what carries it out."""

    settings: Settings
    services: Services
    vault: Vault
    queue: EmbeddedQueue
    worker: OperationWorker
    browsers: Browsers
    consent_rounds: ConsentRounds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Services]:
        """Open the database and work on what is asked, until the context is left. The caller is alone in the folder."""
        await self.open()
        if (
            self.services.database.is_sqlite
        ):  # its file is this process's alone; on a server, leases run out by themselves
            await self.worker.free_all()
        self.queue.start(self.worker)
        self.queue.every("consents", CONSENTS_EVERY, self.consent_rounds.round, first_after=CONSENTS_EVERY)
        warming_up = asyncio.get_running_loop().create_task(self._warm_up())
        try:
            yield self.services
        finally:
            await asyncio.wait({warming_up})
            await self.queue.shut_down()
            await self.browsers.close()
            self.services.database.close()

    async def _warm_up(self) -> None:
        """Have the browser ready before it is needed; the dashboard is of use without one, too."""
        if self.settings.anthropic_api_key:
            # the model's library takes a second or more
            await asyncio.to_thread(import_module, "core.planner.messages")
        try:
            await self.browsers.prepare()
        except (CoreError, OSError) as error:
            log.warning("%s", error)

    async def open(self) -> None:
        """Bring the database up to date, and make sure that the key is the one it was sealed with."""
        make_current(self.services.database)
        now = self.services.clock.now()
        await self.services.database.run_across_customers(
            lambda session: self.vault.open_database(session, at=now), because="the vault's key is checked at start"
        )


def build(settings: Settings, clock: Clock | None = None, planner: Planner | None = None) -> Autopilot:
    """Wire everything; nothing is opened yet. `clock` and `planner` are for tests that move the one and watch the other."""
    clock, planner = clock or SystemClock(), planner or ladder_of(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database, queue, progress = Database(settings.database), EmbeddedQueue(), InProcessProgress()
    vault = Vault(_keys(settings))
    guard = AddressGuard(SystemResolver(), settings.allowed_host_ports)
    integrations = Integrations(every_integration(guard))
    endings = EndingWriter(vault, integrations, clock)
    ours = ReturnAddress.of(settings.own_address, settings.allowed_host_ports)
    pictures = FolderScreenshotStore(settings.pictures)
    browser_settings = BrowserSettings(sandbox=settings.browser_sandbox)
    browsers = Browsers(settings.chromium, settings.data_dir / "browser", browser_settings)
    workflows = WorkflowRegistry.from_file(KNOWLEDGE_BASE)
    texts = ConsentTexts.from_folder(CONSENT_TEXTS, settings.consent_version)
    wordings = Wordings(texts, settings.controller, settings.model_recipient)
    tools = StepLogTools(database, pictures, progress, clock)
    agents = BrowserAgents(tools, vault, integrations, workflows, planner, browsers, guard)
    worker = OperationWorker(database, agents, endings, progress, clock)
    services = Services(
        clock=clock,
        database=database,
        people=People(database, clock),
        sessions=Sessions(database, clock),
        tokens=Tokens(database, clock),
        operations=OperationService(
            database, queue, progress, integrations, guard, endings, clock, ours, texts.version
        ),
        consents=ConsentDesk(ConsentTools(database, queue, progress, integrations, wordings, endings, vault, clock)),
        receipts=ReceiptDesk(database, SigningKeyFile(settings.signing_key_path), clock),
        approvals=ApprovalDesk(ApprovalTools(database, queue, progress, integrations, vault, ours, clock)),
        questions=QuestionDesk(database, vault, progress, clock),
        credentials=CredentialDesk(database, vault, integrations, wordings, clock),
        connections=ConnectionDesk(database, vault, integrations, clock),
        catalog=Catalog(database),
        trail=AuditTrail(database),
        statistics=Statistics(database, clock),
        workflows=workflows,
        changes=ChangeDesk(database, workflows, pictures, clock),
        integrations=integrations,
        progress=progress,
        pictures=pictures,
    )
    rounds = ConsentRounds(database, pictures, clock, texts.version)
    return Autopilot(settings, services, vault, queue, worker, browsers, rounds)


def _keys(settings: Settings) -> KeyProvider:
    if settings.encryption_key:
        return KeyFromText(settings.encryption_key.get_secret_value())
    return KeyFile(Path(settings.key_path))
