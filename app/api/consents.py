"""Consent: give it, withdraw it, see what was given."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.schemas import ShopMetadata, Wire, visitor_of
from core.errors import BadInput
from core.operations.consents import ConsentRequest, ConsentView
from core.security.people import Visitor
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]


class ConsentIn(Wire):
    """Grant: for a waiting operation, or for a service, operation and shop. Revoke: a consent, by its id or by the same."""

    action: Literal["grant", "revoke"]
    service: str | None = None
    operation: str | None = None
    permissions: list[str] = Field(default_factory=list, max_length=20)
    metadata: ShopMetadata | None = None
    operation_id: UUID | None = None
    consent_id: UUID | None = None
    because: str = "withdrawn by the customer"


class ConsentOut(Wire):
    """A consent."""

    consent_id: UUID
    service: str
    operation: str
    store_url: str
    permissions: list[str]
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    text_version: str
    in_force: bool


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/consent", tags=["consent"])

    @routes.get("")
    async def list_consents(visitor: Who) -> list[ConsentOut]:
        return [_out(view) for view in await services.consents.list(visitor)]

    @routes.post("")
    async def grant_or_revoke(body: ConsentIn, visitor: Who) -> list[ConsentOut]:
        if body.action == "revoke":
            ids = await _meant(services, visitor, body)
            return [_out(await services.consents.revoke(visitor, one, body.because)) for one in ids]
        if body.operation_id is not None:
            return [_out(await services.consents.grant_for(visitor, body.operation_id))]
        return [_out(await services.consents.grant(visitor, _request(body)))]

    return routes


def _request(body: ConsentIn) -> ConsentRequest:
    if not (body.service and body.operation and body.metadata):
        raise BadInput(because="Name the operationId, or service, operation and metadata.storeUrl.")
    return ConsentRequest(body.service, body.operation, body.metadata.store_url, tuple(body.permissions))


async def _meant(services: Services, visitor: Visitor, body: ConsentIn) -> list[UUID]:
    """Which consents are withdrawn."""
    if body.consent_id is not None:
        return [body.consent_id]
    given = await services.consents.list(visitor)
    if body.operation_id is not None:
        operation = await services.operations.status(visitor, body.operation_id)
        return [operation.consent_id] if operation.consent_id else []
    request = _request(body)
    return [
        one.id
        for one in given
        if one.in_force
        and (one.service, one.operation) == (request.service, request.operation)
        and one.store_url == request.store_url.rstrip("/")
    ]


def _out(view: ConsentView) -> ConsentOut:
    return ConsentOut(consent_id=view.id, **{name: value for name, value in vars(view).items() if name != "id"})
