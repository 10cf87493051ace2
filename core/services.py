"""Everything pages and API may ask for, in one value."""

from dataclasses import dataclass

from core.agents.integration import Integrations
from core.browser.screenshots import ScreenshotStore
from core.catalog.catalog import Catalog
from core.clock import Clock
from core.database.session import Database
from core.demo.desk import DemoDesk
from core.health import Health
from core.integrations.product_pictures import ProductPictures
from core.notifications.desk import NotificationDesk
from core.operations.answers import QuestionDesk
from core.operations.approvals import ApprovalDesk
from core.operations.bulk_retries import BulkRetries
from core.operations.changes import ChangeDesk
from core.operations.connections import ConnectionDesk
from core.operations.consents import ConsentDesk
from core.operations.credentials import CredentialDesk
from core.operations.live_pictures import LivePictures
from core.operations.overview import OverviewDesk
from core.operations.progress import ProgressBus
from core.operations.receipts import ReceiptDesk
from core.operations.retries import RetryDesk
from core.operations.runs import RunList
from core.operations.schedules import ScheduleDesk
from core.operations.service import OperationService
from core.operations.trail import AuditTrail
from core.privacy.desk import PrivacyDesk
from core.readiness import Readiness
from core.security.audit.chain_watch import ChainWatch
from core.security.people.first_admin import FirstAdmin
from core.security.people.members import Members
from core.security.people.people import People
from core.security.people.refusals import Refusals
from core.security.people.second_factor import SecondFactors
from core.security.people.sessions import Sessions
from core.security.people.staff_access import StaffAccess
from core.security.people.tokens import Tokens
from core.statistics.exposition import Exposition
from core.statistics.statistics import Statistics
from core.statistics.workflow_health import WorkflowHealth
from core.workflows.registry import WorkflowRegistry


@dataclass(frozen=True)
class Services:
    """The use cases of the product. Each takes the visitor first and is one transaction."""

    clock: Clock
    database: Database
    people: People
    members: Members
    first_admin: FirstAdmin
    second_factors: SecondFactors
    sessions: Sessions
    tokens: Tokens
    refusals: Refusals
    staff_access: StaffAccess
    overview: OverviewDesk
    operations: OperationService
    consents: ConsentDesk
    retries: RetryDesk
    bulk_retries: BulkRetries
    runs: RunList
    schedules: ScheduleDesk
    receipts: ReceiptDesk
    notifications: NotificationDesk
    approvals: ApprovalDesk
    questions: QuestionDesk
    credentials: CredentialDesk
    connections: ConnectionDesk
    catalog: Catalog
    product_pictures: ProductPictures
    trail: AuditTrail
    privacy: PrivacyDesk
    chains: ChainWatch
    statistics: Statistics
    workflow_health: WorkflowHealth
    health: Health
    exposition: Exposition
    readiness: Readiness
    workflows: WorkflowRegistry
    changes: ChangeDesk
    integrations: Integrations
    progress: ProgressBus
    pictures: ScreenshotStore
    live: LivePictures
    demo: DemoDesk | None = None  # only where the product runs as one
