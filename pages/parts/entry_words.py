"""What an entry of the audit trail says was done, as people say it; the kinds that belong together, for choosing."""

from core.operations.entry_filter import By
from core.security.audit.audit_log import AuditAction
from pages.texts import later, t

A = AuditAction
GROUPS: dict[str, dict[AuditAction, str]] = {
    later("Operations"): {
        A.OPERATION_ASKED: later("Operation asked for"),
        A.OPERATION_STARTED: later("Operation started"),
        A.OPERATION_RESUMED: later("Operation taken up again"),
        A.OPERATION_RETRIED: later("Operation tried again"),
        A.OPERATION_TRIED_NOW: later("Operation tried before its time"),
        A.OPERATION_STOP_ASKED: later("Stop asked for"),
        A.OPERATION_COMPLETED: later("Operation done"),
        A.OPERATION_FAILED: later("Operation failed"),
        A.OPERATION_CANCELLED: later("Operation stopped"),
    },
    later("Steps"): {
        A.STEP_INTENDED: later("Step intended"),
        A.STEP_CONCLUDED: later("Step concluded"),
        A.STEP_UNKNOWN: later("Step of unknown outcome"),
        A.MODEL_NOT_ASKED: later("Model not asked"),
        A.PICTURES_DELETED: later("Pictures deleted"),
    },
    later("Questions and approvals"): {
        A.QUESTION_ASKED: later("Question asked"),
        A.QUESTION_ANSWERED: later("Question answered"),
        A.QUESTION_DECLINED: later("Question declined"),
        A.QUESTION_EXPIRED: later("Question not answered in time"),
        A.QUESTION_VOID: later("Question no longer needed"),
        A.APPROVAL_ASKED: later("Owner's approval asked for"),
        A.APPROVAL_GIVEN: later("Owner approved"),
        A.APPROVAL_DECLINED: later("Owner declined"),
        A.APPROVAL_REFUSED: later("Approval refused by us"),
    },
    later("Consent"): {
        A.CONSENT_REQUESTED: later("Consent asked for"),
        A.CONSENT_GRANTED: later("Consent given"),
        A.CONSENT_REFUSED: later("Consent refused"),
        A.CONSENT_REVOKED: later("Consent withdrawn"),
        A.CONSENT_EXPIRED: later("Consent expired"),
        A.CONSENT_SUPERSEDED: later("Consent replaced by a newer one"),
        A.CONSENT_INVALIDATED: later("Consent ended by a new text"),
    },
    later("Keys and sign-ins"): {
        A.SECRET_STORED: later("Secret stored"),
        A.SECRET_RESEALED: later("Secret sealed anew"),
        A.SECRET_LIMITED: later("Secret's end changed"),
        A.SECRET_USED: later("Secret used"),
        A.SECRET_DELETED: later("Secret deleted"),
        A.DATA_KEY_MADE: later("Data key made"),
        A.DATA_KEY_REWRAPPED: later("Data key wrapped anew"),
        A.DATA_KEYS_DESTROYED: later("Data keys destroyed"),
    },
    later("Shops"): {
        A.CONNECTION_SAVED: later("Connection saved"),
        A.CONNECTION_FORGOTTEN: later("Connection forgotten"),
        A.CONNECTION_BROKEN: later("Connection broken"),
        A.CONNECTION_WORKS: later("Connection works again"),
        A.SCHEDULE_ADDED: later("Schedule switched on"),
        A.SCHEDULE_PAUSED: later("Schedule paused"),
        A.SCHEDULE_REMOVED: later("Schedule switched off"),
        A.PRODUCTS_SYNCED: later("Products brought over"),
    },
    later("Learnt workflows"): {
        A.CHANGE_PROPOSED: later("Change proposed"),
        A.CHANGE_PICTURE_SEEN: later("Picture of a change seen"),
        A.CHANGE_ACCEPTED: later("Change accepted"),
        A.CHANGE_SHARED: later("Change accepted for all"),
        A.CHANGE_REFUSED: later("Change refused"),
        A.CHANGE_WITHDRAWN: later("Change withdrawn"),
    },
    later("People"): {
        A.SIGNED_IN: later("Signed in"),
        A.SIGN_IN_REFUSED: later("Sign-in refused"),
        A.SECOND_FACTOR_ADDED: later("Second factor added"),
        A.SECOND_FACTOR_USED: later("Second factor used"),
        A.SECOND_FACTOR_REFUSED: later("Second factor refused"),
        A.SECOND_FACTOR_REMOVED: later("Second factor removed"),
        A.RECOVERY_CODES_MADE: later("Recovery codes made"),
        A.PASSWORD_CHANGED: later("Password changed"),
        A.ACCESS_REFUSED: later("Access refused"),
        A.USER_ADDED: later("Person let in"),
        A.USER_DISABLED: later("Person disabled"),
        A.USER_ENABLED: later("Person enabled again"),
        A.ROLE_CHANGED: later("Role changed"),
        A.PEOPLE_SEEN: later("List of people seen"),
        A.TOKEN_ADDED: later("API token made"),
        A.TOKEN_REVOKED: later("API token revoked"),
        A.STAFF_ACCESS_OPENED: later("Staff access opened"),
        A.STAFF_ACCESS_ENDED: later("Staff access ended"),
    },
    later("Your data"): {
        A.AUDIT_EXPORTED: later("Audit exported"),
        A.EXPORT_ASKED: later("Export of all data asked for"),
        A.DELETION_ASKED: later("Deletion asked for"),
        A.CUSTOMER_DELETED: later("Company deleted"),
        A.DETAILS_ERASED: later("Details erased"),
        A.DEMO_RESET: later("Demo reset"),
    },
}
NAMES = {action.value: told for group in GROUPS.values() for action, told in group.items()}
BY = {
    By.PERSON: later("Your people"),
    By.STAFF: later("Staff"),
    By.AGENT: later("The agent"),
    By.SYSTEM: later("The system"),
}
BY_ONE = {
    By.PERSON: later("a person"),
    By.STAFF: later("staff"),
    By.AGENT: later("agent"),
    By.SYSTEM: later("system"),
}


def name_of(action: str) -> str:
    """What was done; what a later version has recorded is told by its own word."""
    return t(NAMES[action]) if action in NAMES else action.replace("_", " ").capitalize()
