"""What one has to be allowed, to call each route of the API. A route that does not stand here lets nobody through."""

from fastapi import Request

from core.errors import Refused
from core.security.people.authorize import Action, authorize
from core.security.people.visitor import Visitor

A, HERE = Action, "/api/autonomous"

RIGHTS: dict[tuple[str, str], Action] = {
    ("POST", f"{HERE}/initiate"): A.OPERATE,
    ("GET", f"{HERE}/status/{{operationId}}"): A.WATCH,
    ("GET", f"{HERE}/history"): A.WATCH,
    # The use case asks for A.RETRY_FOR_CUSTOMERS, too, where an operation is not the visitor's own.
    ("POST", f"{HERE}/operations/retry"): A.OPERATE,
    ("POST", f"{HERE}/operations/{{operationId}}/cancel"): A.OPERATE,
    ("POST", f"{HERE}/operations/{{operationId}}/retry"): A.OPERATE,
    ("POST", f"{HERE}/operations/{{operationId}}/approval"): A.OPERATE,
    ("POST", f"{HERE}/operations/{{operationId}}/input"): A.OPERATE,
    ("GET", f"{HERE}/operations/{{operationId}}/events"): A.WATCH,
    ("GET", f"{HERE}/schedules"): A.WATCH,
    ("POST", f"{HERE}/schedules"): A.OPERATE,
    ("DELETE", f"{HERE}/schedules/{{scheduleId}}"): A.OPERATE,
    ("GET", f"{HERE}/consent"): A.SEE_CONSENTS,
    ("POST", f"{HERE}/consent"): A.DECIDE_CONSENT,
    ("DELETE", f"{HERE}/consent/{{consentId}}"): A.DECIDE_CONSENT,
    ("GET", f"{HERE}/consent/{{consentId}}/receipt"): A.SEE_CONSENTS,
    ("GET", f"{HERE}/credentials"): A.SEE_CREDENTIALS,
    ("POST", f"{HERE}/credentials"): A.MANAGE_CREDENTIALS,
    ("DELETE", f"{HERE}/credentials/{{credentialId}}"): A.MANAGE_CREDENTIALS,
    ("PATCH", f"{HERE}/credentials/{{credentialId}}"): A.MANAGE_CREDENTIALS,
    ("GET", f"{HERE}/webhooks"): A.MANAGE_WEBHOOKS,
    ("POST", f"{HERE}/webhooks"): A.MANAGE_WEBHOOKS,
    ("DELETE", f"{HERE}/webhooks/{{webhookId}}"): A.MANAGE_WEBHOOKS,
    ("GET", f"{HERE}/audit"): A.READ_AUDIT,
    ("GET", f"{HERE}/audit/export"): A.READ_AUDIT,
    ("GET", f"{HERE}/audit/public-key"): A.READ_AUDIT,
    ("GET", f"{HERE}/audit/verify"): A.READ_AUDIT,
    ("GET", f"{HERE}/statistics"): A.WATCH,
    ("GET", f"{HERE}/statistics.csv"): A.WATCH,
    ("GET", f"{HERE}/workflow-health"): A.SEE_ALL_CUSTOMERS,
    ("GET", f"{HERE}/health"): A.SEE_ALL_CUSTOMERS,
    ("GET", "/metrics"): A.SEE_ALL_CUSTOMERS,
    ("GET", f"{HERE}/workflows"): A.WATCH,
    ("GET", f"{HERE}/workflows/{{workflowId}}"): A.WATCH,
    ("GET", f"{HERE}/workflows/changes"): A.SEE_ALL_CUSTOMERS,
    ("POST", f"{HERE}/workflows/changes/{{changeId}}"): A.DECIDE_CHANGES,
    ("GET", f"{HERE}/workflows/changes/{{changeId}}/picture"): A.SEE_ALL_CUSTOMERS,
    ("GET", "/pictures/{pictureId}/{size}"): A.WATCH,
    ("GET", "/pictures/product/{productId}/thumb"): A.WATCH,
    ("GET", "/pictures/live/{operationId}"): A.WATCH,
    ("POST", f"{HERE}/privacy/export"): A.PRIVACY,
    ("POST", f"{HERE}/privacy/delete"): A.PRIVACY,
    ("GET", f"{HERE}/staff/customers"): A.SEE_ALL_CUSTOMERS,
    ("POST", f"{HERE}/staff/access/{{customerId}}"): A.SEE_ALL_CUSTOMERS,
    ("DELETE", f"{HERE}/staff/access/{{customerId}}/{{accessId}}"): A.SEE_ALL_CUSTOMERS,
    ("POST", "/privacy/export"): A.PRIVACY,
    ("POST", "/privacy/delete"): A.PRIVACY,
}


def check_right(request: Request, visitor: Visitor) -> None:
    """Return if the visitor may call the route that was found for this request. Raises Refused."""
    path = getattr(request.scope.get("route"), "path", "")
    action = RIGHTS.get((request.method, path))
    if action is None:
        raise Refused(because="Nobody was given the right to call this.")
    authorize(visitor, action)
