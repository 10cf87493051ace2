"""What everything else stands on, wired from the settings: the database, the keys, what services there are, where pictures go."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Self

from app.host import own_name
from app.master_keys import master_keys
from app.picture_store import picture_store
from app.scheduler import EmbeddedQueue
from app.settings import CONSENT_TEXTS, KNOWLEDGE_BASE, Settings
from core.agents.integration import Integrations
from core.browser.screenshots import ScreenshotStore
from core.clock import Clock
from core.database.session import Database
from core.integrations.every import every_integration
from core.measures import Measures
from core.operations.ending import EndingWriter
from core.operations.live_pictures import InProcessLivePictures, LivePictures
from core.operations.progress import InProcessProgress
from core.operations.return_address import ReturnAddress
from core.operations.shared_live_pictures import SharedLivePictures
from core.operations.shared_progress import SharedProgress
from core.operations.wordings import Wordings
from core.security.addresses import AddressGuard, SystemResolver
from core.security.audit.checkpoint_file import CheckpointFile
from core.security.audit.checkpoints import Checkpoints
from core.security.consent.consent_text import ConsentTexts
from core.security.keys.signing_file import SigningKeyFile
from core.security.vault.vault import Vault
from core.workflows.registry import WorkflowRegistry

if TYPE_CHECKING:
    from app.distributed import SharedQueue


@dataclass(frozen=True)
class Ground:
    """The real thing at each seam that several use cases share."""

    settings: Settings
    clock: Clock
    database: Database
    queue: "EmbeddedQueue | SharedQueue"
    progress: InProcessProgress
    vault: Vault
    checkpoints: Checkpoints
    guard: AddressGuard
    integrations: Integrations
    pictures: ScreenshotStore
    live: LivePictures
    endings: EndingWriter
    workflows: WorkflowRegistry
    wordings: Wordings
    ours: ReturnAddress

    @classmethod
    def laid(cls, settings: Settings, clock: Clock, measures: Measures, *, works: bool = True) -> Self:
        """Nothing is opened yet. What `works` carries operations out; what does not, asks others to."""
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        database, vault = Database(settings.database, measures), Vault(master_keys(settings))
        signs, outside = SigningKeyFile(settings.signing_key_path), CheckpointFile(settings.checkpoints_path)
        checkpoints = Checkpoints(database, signs, outside, clock)
        guard = AddressGuard(SystemResolver(), settings.allowed_host_ports)
        integrations = Integrations(every_integration(guard))
        queue, progress, live = _waking(settings, database, works=works)
        texts = ConsentTexts.from_folder(CONSENT_TEXTS, settings.consent_version)
        return cls(
            settings=settings,
            clock=clock,
            database=database,
            queue=queue,
            progress=progress,
            vault=vault,
            checkpoints=checkpoints,
            guard=guard,
            integrations=integrations,
            pictures=picture_store(settings),
            live=live,
            endings=EndingWriter(vault, integrations, clock, checkpoints),
            wordings=Wordings(texts, settings.controller, settings.model_recipient),
            workflows=WorkflowRegistry.from_file(KNOWLEDGE_BASE),
            ours=ReturnAddress.of(settings.own_address, settings.allowed_host_ports),
        )


def _waking(
    settings: Settings, database: Database, *, works: bool
) -> "tuple[EmbeddedQueue | SharedQueue, InProcessProgress, LivePictures]":
    """What wakes, tells and shows: in one process, or in all that share a server; that takes a while to import."""
    if database.is_sqlite:
        return EmbeddedQueue(), InProcessProgress(), InProcessLivePictures()
    distributed = import_module("app.distributed")
    progress, live = SharedProgress(database), SharedLivePictures(database)
    queue = distributed.SharedQueue(
        database.url, progress, works=works, at_once=settings.runs_at_once, name=own_name(), live=live
    )
    return queue, progress, live
