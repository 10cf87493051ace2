"""The tables, a module for each thing that the house is about. Importing them here makes all of them known."""

from core.database.tables.audit import AuditCheckpointRow, AuditHead, AuditRow
from core.database.tables.changes import SharedChangeRow, WorkflowChangeRow
from core.database.tables.consent import ConsentRow
from core.database.tables.customers import Customer, OfCustomer
from core.database.tables.notifications import EmailChoiceRow, NotificationRow, WebhookRow
from core.database.tables.operations import LiveFrameRow, OperationRow, OwnerApprovalRow, QuestionRow, StepRow
from core.database.tables.people import (
    ApiToken,
    FirstAdminCode,
    RecoveryCodeRow,
    SecondFactorRow,
    SignInTries,
    StaffAccessRow,
    User,
    UserSession,
)
from core.database.tables.privacy import PrivacyRequestRow
from core.database.tables.shops import ConnectionRow, ProductRow, ScheduleRow
from core.database.tables.vault import CredentialRow, VaultKey, VaultMaster

__all__ = [
    "ApiToken",
    "AuditCheckpointRow",
    "AuditHead",
    "AuditRow",
    "ConnectionRow",
    "ConsentRow",
    "CredentialRow",
    "Customer",
    "EmailChoiceRow",
    "FirstAdminCode",
    "LiveFrameRow",
    "NotificationRow",
    "OfCustomer",
    "OperationRow",
    "OwnerApprovalRow",
    "PrivacyRequestRow",
    "ProductRow",
    "QuestionRow",
    "RecoveryCodeRow",
    "ScheduleRow",
    "SecondFactorRow",
    "SharedChangeRow",
    "SignInTries",
    "StaffAccessRow",
    "StepRow",
    "User",
    "UserSession",
    "VaultKey",
    "VaultMaster",
    "WebhookRow",
    "WorkflowChangeRow",
]
