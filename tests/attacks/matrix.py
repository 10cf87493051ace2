"""Every route of the API and who may call it, written out by hand: so a slip in the product's own tables is seen."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from core.database.roles import Role
from core.security.people.visitor import Scope

HERE = "/api/autonomous"
EVERYBODY = frozenset(Role)
OWNERS = frozenset({Role.OWNER, Role.ADMIN})
OPERATE = OWNERS | {Role.MEMBER, Role.OPERATOR}
STAFF = frozenset({Role.OPERATOR, Role.AUDITOR, Role.ADMIN})
DECIDE = frozenset({Role.OPERATOR, Role.ADMIN})


@dataclass(frozen=True)
class Cell:
    """A route: whose roles may call it, with which scope, and what they then get for an absent id or an empty body."""

    roles: frozenset[Role]
    scope: Scope
    status: int
    body: Any = None


GET, EMPTY, ABSENT = 200, 422, 404
ANSWER = {"questionId": str(uuid4()), "code": "123456"}

ROUTES: dict[tuple[str, str], Cell] = {
    ("POST", f"{HERE}/initiate"): Cell(OPERATE, Scope.OPERATE, EMPTY, {}),
    ("GET", f"{HERE}/status/{{operationId}}"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", f"{HERE}/history"): Cell(EVERYBODY, Scope.READ, GET),
    ("POST", f"{HERE}/operations/retry"): Cell(OPERATE, Scope.OPERATE, EMPTY, {}),
    ("POST", f"{HERE}/operations/{{operationId}}/cancel"): Cell(OPERATE, Scope.OPERATE, ABSENT),
    ("POST", f"{HERE}/operations/{{operationId}}/retry"): Cell(OPERATE, Scope.OPERATE, ABSENT),
    ("POST", f"{HERE}/operations/{{operationId}}/approval"): Cell(OPERATE, Scope.OPERATE, ABSENT),
    ("POST", f"{HERE}/operations/{{operationId}}/input"): Cell(OPERATE, Scope.OPERATE, ABSENT, ANSWER),
    ("GET", f"{HERE}/operations/{{operationId}}/events"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", f"{HERE}/schedules"): Cell(EVERYBODY, Scope.READ, GET),
    ("POST", f"{HERE}/schedules"): Cell(OPERATE, Scope.OPERATE, EMPTY, {}),
    ("DELETE", f"{HERE}/schedules/{{scheduleId}}"): Cell(OPERATE, Scope.OPERATE, ABSENT),
    ("GET", f"{HERE}/consent"): Cell(EVERYBODY, Scope.READ, GET),
    ("POST", f"{HERE}/consent"): Cell(OWNERS, Scope.CONSENT, EMPTY, {}),
    ("DELETE", f"{HERE}/consent/{{consentId}}"): Cell(OWNERS, Scope.CONSENT, ABSENT),
    ("GET", f"{HERE}/consent/{{consentId}}/receipt"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", f"{HERE}/credentials"): Cell(EVERYBODY - {Role.MEMBER}, Scope.READ, GET),
    ("POST", f"{HERE}/credentials"): Cell(OWNERS, Scope.CREDENTIALS, EMPTY, {}),
    ("DELETE", f"{HERE}/credentials/{{credentialId}}"): Cell(OWNERS, Scope.CREDENTIALS, ABSENT),
    ("PATCH", f"{HERE}/credentials/{{credentialId}}"): Cell(OWNERS, Scope.CREDENTIALS, ABSENT, {"expiresAt": None}),
    ("GET", f"{HERE}/webhooks"): Cell(OWNERS, Scope.CREDENTIALS, GET),
    ("POST", f"{HERE}/webhooks"): Cell(OWNERS, Scope.CREDENTIALS, EMPTY, {}),
    ("DELETE", f"{HERE}/webhooks/{{webhookId}}"): Cell(OWNERS, Scope.CREDENTIALS, ABSENT),
    ("GET", f"{HERE}/audit/export"): Cell(EVERYBODY, Scope.AUDIT, GET),
    ("GET", f"{HERE}/audit/public-key"): Cell(EVERYBODY, Scope.AUDIT, GET),
    ("POST", f"{HERE}/privacy/export"): Cell(OWNERS, Scope.PRIVACY, EMPTY, {"password": 1}),
    ("POST", f"{HERE}/privacy/delete"): Cell(OWNERS, Scope.PRIVACY, EMPTY, {"password": 1}),
    ("GET", f"{HERE}/staff/customers"): Cell(STAFF, Scope.STAFF, GET),
    ("POST", f"{HERE}/staff/access/{{customerId}}"): Cell(
        STAFF, Scope.STAFF, ABSENT, {"reason": "to look for what is absent"}
    ),
    ("DELETE", f"{HERE}/staff/access/{{customerId}}/{{accessId}}"): Cell(STAFF, Scope.STAFF, ABSENT),
    ("GET", f"{HERE}/audit"): Cell(EVERYBODY, Scope.AUDIT, GET),
    ("GET", f"{HERE}/audit/verify"): Cell(EVERYBODY, Scope.AUDIT, GET),
    ("GET", "/metrics"): Cell(STAFF, Scope.STAFF, GET),
    ("GET", f"{HERE}/statistics"): Cell(EVERYBODY, Scope.READ, GET),
    ("GET", f"{HERE}/statistics.csv"): Cell(EVERYBODY, Scope.READ, GET),
    ("GET", f"{HERE}/workflow-health"): Cell(STAFF, Scope.STAFF, GET),
    ("GET", f"{HERE}/health"): Cell(STAFF, Scope.STAFF, GET),
    ("GET", f"{HERE}/workflows"): Cell(EVERYBODY, Scope.READ, GET),
    ("GET", f"{HERE}/workflows/{{workflowId}}"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", f"{HERE}/workflows/changes"): Cell(STAFF, Scope.STAFF, GET),
    ("POST", f"{HERE}/workflows/changes/{{changeId}}"): Cell(DECIDE, Scope.STAFF, ABSENT, {"decision": "accept"}),
    ("GET", f"{HERE}/workflows/changes/{{changeId}}/picture"): Cell(STAFF, Scope.STAFF, ABSENT),
    ("GET", "/pictures/{pictureId}/{size}"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", "/pictures/product/{productId}/thumb"): Cell(EVERYBODY, Scope.READ, ABSENT),
    ("GET", "/pictures/live/{operationId}"): Cell(EVERYBODY, Scope.READ, ABSENT),
}
# Forms of our pages: they are described nowhere, and are for whoever may do the same by the API.
FORMS = {("POST", "/privacy/export"), ("POST", "/privacy/delete")}
# What asks for no sign-in: it tells nothing of anybody, or has a proof of its own.
PUBLIC = {("GET", "/healthz"): 200, ("GET", "/readyz"): 200, ("POST", f"{HERE}/callbacks/woocommerce"): 422}

# Who may open which page; the others are sent away, or told that it is not for them.
PAGES: dict[str, frozenset[Role]] = {
    "/": EVERYBODY,
    "/set-up": EVERYBODY,
    "/shops": EVERYBODY,
    "/operations": EVERYBODY,
    "/products": EVERYBODY,
    "/consents": EVERYBODY,
    "/workflows": EVERYBODY,
    "/audit": EVERYBODY,
    "/statistics": EVERYBODY,
    "/settings": EVERYBODY,
    "/settings/security": EVERYBODY,
    "/settings/credentials": EVERYBODY,
    "/settings/notifications": EVERYBODY,
    "/settings/privacy": EVERYBODY,
    "/second-factor": EVERYBODY,
    "/people": OWNERS,
    "/customers": STAFF,
    "/health": STAFF,
}


def address(path: str, of: str | None = None) -> str:
    """The address of a route, for this id, or for one that nothing has."""
    for name in (
        "operationId",
        "credentialId",
        "workflowId",
        "changeId",
        "pictureId",
        "productId",
        "consentId",
        "customerId",
        "accessId",
        "scheduleId",
        "webhookId",
    ):
        path = path.replace(f"{{{name}}}", of or str(uuid4()))
    return path.replace("{size}", "full")
