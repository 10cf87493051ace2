"""Consent: give it, withdraw it, see what was given."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.schemas import In, Name, Out, Permissions, ShopMetadata, Words
from app.api.visitor import Who
from core.errors import BadInput, NotFound
from core.operations.consents import ConsentRequest, ConsentView
from core.security.origin import Origin
from core.security.people import Visitor
from core.services import Services


class ConsentIn(In):
    """Grant: for a waiting operation by its id, or for service, operation and shop.

    Revoke: a consent by its id, that of an operation by its id, or all in force for service, operation and shop.
    A consent is withdrawn whole.
    """

    action: Literal["grant", "revoke"]
    service: Name | None = Field(None, examples=["woocommerce"])
    operation: Name | None = Field(None, examples=["api_key_generation"])
    permissions: Permissions = Field(default_factory=list, examples=[["create_api_keys", "read_products"]])
    metadata: ShopMetadata | None = None
    operation_id: UUID | None = None
    consent_id: UUID | None = None
    because: Words = "withdrawn by the customer"


class ConsentOut(Out):
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
        """Every consent ever given, the newest first."""
        return [_out(view) for view in await services.consents.list(visitor)]

    @routes.post("")
    async def grant_or_revoke(body: ConsentIn, visitor: Who) -> list[ConsentOut]:
        """Give a consent, and what waited for it begins; or withdraw one, and what runs under it stops."""
        if body.action == "revoke":
            ids = await _meant(services, visitor, body)
            return [_out(await services.consents.revoke(visitor, one, body.because)) for one in ids]
        return [_out(await _grant(services, visitor, body))]

    return routes


async def _grant(services: Services, visitor: Visitor, body: ConsentIn) -> ConsentView:
    if body.consent_id is not None:
        raise BadInput(because="A new consent has no consentId yet; name the operationId.")
    if body.operation_id is None:
        return await services.consents.grant(visitor, _request(body))
    await _check_same(services, visitor, body, body.operation_id)
    return await services.consents.grant_for(visitor, body.operation_id)


async def _meant(services: Services, visitor: Visitor, body: ConsentIn) -> list[UUID]:
    """Which consents are to be withdrawn. Raises NotFound: nobody is to think that one was, when none was."""
    if body.consent_id is not None:
        return [body.consent_id]
    if body.operation_id is not None:
        await _check_same(services, visitor, body, body.operation_id)
        stands_on = (await services.operations.status(visitor, body.operation_id)).consent_id
        ids = [stands_on] if stands_on else []
    else:
        request = _request(body)
        wanted = (request.service, request.operation, str(Origin.of(request.store_url)))
        given = await services.consents.list(visitor)
        ids = [one.id for one in given if one.in_force and (one.service, one.operation, one.store_url) == wanted]
    if not ids:
        raise NotFound(because="No consent is in force for that.")
    return ids


async def _check_same(services: Services, visitor: Visitor, body: ConsentIn, operation_id: UUID) -> None:
    """What is said beside an operation's id has to be what that operation asks for: nobody consents to something else."""
    view = await services.operations.status(visitor, operation_id)
    shop = str(Origin.of(body.metadata.store_url)) if body.metadata else view.store_url
    said = (body.service or view.service, body.operation or view.operation, shop)
    permissions = set(body.permissions) or set(view.permissions)
    if said != (view.service, view.operation, view.store_url) or permissions != set(view.permissions):
        asks_for = ", ".join(view.permissions)
        raise BadInput(because=f"That operation is {view.operation} at {view.store_url}, and asks for: {asks_for}.")


def _request(body: ConsentIn) -> ConsentRequest:
    if not (body.service and body.operation and body.metadata):
        raise BadInput(because="Name the operationId, or service, operation and metadata.storeUrl.")
    return ConsentRequest(body.service, body.operation, body.metadata.store_url, tuple(body.permissions))


def _out(view: ConsentView) -> ConsentOut:
    return ConsentOut(consent_id=view.id, **{name: value for name, value in vars(view).items() if name != "id"})
