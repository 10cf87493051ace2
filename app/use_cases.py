"""The use cases that pages and API may ask for, wired on what the process stands on."""

from dataclasses import dataclass

from app.doors import Doors
from app.exposition import Scrapes
from app.ground import Ground
from app.looks import ProcessLooks
from app.metrics import ProcessMetrics
from core.catalog.catalog import Catalog
from core.health import Health
from core.integrations.product_pictures import ProductPictures
from core.notifications.desk import NotificationDesk
from core.operations.answers import QuestionDesk
from core.operations.approvals import ApprovalDesk, ApprovalTools
from core.operations.beginning import Beginning
from core.operations.bulk_retries import BulkRetries
from core.operations.changes import ChangeDesk
from core.operations.connections import ConnectionDesk
from core.operations.consents import ConsentDesk, ConsentTools
from core.operations.credentials import CredentialDesk
from core.operations.overview import OverviewDesk
from core.operations.receipts import ReceiptDesk
from core.operations.retries import RetryDesk
from core.operations.runs import RunList
from core.operations.schedules import ScheduleDesk
from core.operations.service import OperationService
from core.operations.trail import AuditTrail
from core.privacy.desk import PrivacyDesk
from core.readiness import Readiness
from core.security.audit.chain_watch import ChainWatch
from core.security.secret import Secret
from core.services import Services
from core.statistics.statistics import Statistics
from core.statistics.workflow_health import WorkflowHealth


@dataclass(frozen=True)
class Watched:
    """What whoever watches this process is told, under the names that `Services` has for it."""

    exposition: Scrapes
    readiness: Readiness
    chains: ChainWatch
    health: Health


def watched(on: Ground, metrics: ProcessMetrics, looks: ProcessLooks) -> Watched:
    """What is told of this process, from what it counts and what it can look at."""
    browsers, chains = looks.browsers, ChainWatch(on.database, on.checkpoints, on.clock)
    metrics.count_contexts_with(lambda: browsers.contexts_open)
    given = on.settings.metrics_token
    token = Secret(given.get_secret_value()) if given else None
    return Watched(
        exposition=Scrapes(metrics, on.database, on.clock, token),
        readiness=Readiness(on.database, lambda: browsers.is_found),
        chains=chains,
        health=Health(on.database, on.clock, chains, (looks,)),
    )


@dataclass(frozen=True)
class Own:
    """What a company may ask for of its own, under the names that `Services` has for it."""

    trail: AuditTrail
    receipts: ReceiptDesk
    privacy: PrivacyDesk
    notifications: NotificationDesk


def use_cases(on: Ground, doors: Doors, told: Watched, own: Own) -> Services:
    """Every use case, on what the process stands on."""
    database, vault, clock, queue, progress = on.database, on.vault, on.clock, on.queue, on.progress
    integrations, endings, ours = on.integrations, on.endings, on.ours
    retries = RetryDesk(database, queue, progress, beginning(on), clock)
    return Services(
        clock=clock,
        database=database,
        **vars(doors),
        **vars(told),
        **vars(own),
        operations=OperationService(
            database, queue, progress, integrations, on.guard, endings, clock, ours, on.wordings.texts.version
        ),
        overview=OverviewDesk(database, clock),
        consents=ConsentDesk(ConsentTools(database, queue, progress, integrations, on.wordings, endings, vault, clock)),
        retries=retries,
        bulk_retries=BulkRetries(retries),
        runs=RunList(database, clock),
        schedules=ScheduleDesk(database, integrations, clock, on.wordings.texts.version),
        approvals=ApprovalDesk(ApprovalTools(database, queue, progress, integrations, vault, ours, clock)),
        questions=QuestionDesk(database, vault, progress, clock),
        credentials=CredentialDesk(database, vault, integrations, on.wordings, clock),
        connections=ConnectionDesk(database, vault, integrations, clock),
        catalog=(catalog := Catalog(database)),
        product_pictures=ProductPictures(catalog, on.guard),
        statistics=Statistics(database, clock),
        workflow_health=WorkflowHealth(database, clock),
        workflows=on.workflows,
        changes=ChangeDesk(database, on.workflows, on.pictures, clock),
        integrations=integrations,
        progress=progress,
        pictures=on.pictures,
        live=on.live,
    )


def beginning(on: Ground) -> Beginning:
    """How an operation is asked for that nobody asks for just now."""
    return Beginning(on.queue, on.integrations, on.vault, on.wordings.texts.version)
