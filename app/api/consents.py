"""Consent: give it, withdraw it, see what was given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.circumstances import How
from app.api.schemas import In, Name, Out, Permissions, ShopMetadata, Words
from app.api.visitor import Who
from core.errors import BadInput, NotFound
from core.operations.consent_view import ConsentView
from core.operations.consents import ConsentRequest
from core.security.consent.agreement import ANY_OPERATION, Circumstances
from core.security.origin import Origin
from core.security.people.people import Visitor
from core.services import Services

WITHDRAWN = "withdrawn by the customer"


class ConsentIn(In):
    """Grant: for a waiting operation by its id, or for service, operation and shop.

    Among `permissions`, `ask_model`, `keep_pictures` and `store_sign_in` are consents of their own, each with a receipt.
    Named without any other they leave the consent to act as it is; not named, they are not given.

    Revoke: a consent by its id, that of an operation by its id, or all in force for service, operation and shop; if
    permissions are named, only the consents for those of them that are consents of their own. A consent is withdrawn
    whole. What was in the vault for it is deleted, unless it is to be kept: then it can't be used until somebody
    consents anew.
    """

    action: Literal["grant", "revoke"]
    service: Name | None = Field(None, examples=["woocommerce"])
    operation: Name | None = Field(None, examples=["api_key_generation"])
    permissions: Permissions = Field(
        default_factory=list, examples=[["create_api_keys", "read_products", "keep_pictures"]]
    )
    metadata: ShopMetadata | None = None
    operation_id: UUID | None = None
    consent_id: UUID | None = None
    because: Words = WITHDRAWN
    keep_credentials: bool = False


class ConsentOut(Out):
    """A consent, for one purpose. `textHasChanged`: it allows nothing new any more, because its text was replaced."""

    consent_id: UUID
    purpose: str = Field(examples=["act"], description="act, store_sign_in, ask_model or keep_pictures")
    service: str
    operation: str = Field(description="`any`: what is kept is for every operation at that shop")
    store_url: str
    permissions: list[str]
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None = Field(examples=["withdrawn"], description="withdrawn, expired, superseded or invalidated")
    text_version: str
    text_has_changed: bool
    in_force: bool


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/consent", tags=["consent"])

    @routes.get("")
    async def list_consents(visitor: Who) -> list[ConsentOut]:
        """Every consent ever given, the newest first."""
        return [_out(view) for view in await services.consents.list(visitor)]

    @routes.post("")
    async def grant_or_revoke(body: ConsentIn, visitor: Who, how: How) -> list[ConsentOut]:
        """Give a consent, and what waited for it begins; or withdraw one, and what runs under it stops."""
        if body.action == "revoke":
            ids = await _meant(services, visitor, body)
            keep = body.keep_credentials
            return [
                _out(await services.consents.revoke(visitor, one, body.because, keep_credentials=keep)) for one in ids
            ]
        return [_out(one) for one in await _grant(services, visitor, body, how)]

    @routes.delete("/{consentId}")
    async def withdraw(
        consentId: UUID,  # noqa: N803  as the API spells it
        visitor: Who,
        keep_credentials: Annotated[bool, Query(alias="keepCredentials")] = False,
    ) -> ConsentOut:
        """Withdraw a consent: no reason is needed. A second time changes nothing."""
        return _out(await services.consents.revoke(visitor, consentId, WITHDRAWN, keep_credentials=keep_credentials))

    @routes.get("/{consentId}/receipt")
    async def receipt(consentId: UUID, visitor: Who) -> JSONResponse:  # noqa: N803  as the API spells it
        """The signed receipt of a consent, to keep: all that was recorded, the signature, and how to verify it."""
        told = await services.receipts.receipt(visitor, consentId)
        return JSONResponse(told, headers={"Content-Disposition": f'attachment; filename="consent-{consentId}.json"'})

    return routes


async def _grant(services: Services, visitor: Visitor, body: ConsentIn, how: Circumstances) -> Sequence[ConsentView]:
    if body.consent_id is not None:
        raise BadInput(because="A new consent has no consentId yet; name the operationId.")
    if body.operation_id is None:
        return await services.consents.agree(visitor, _request(body), how)
    await _check_same(services, visitor, body, body.operation_id)
    apart = ConsentRequest("", "", "", tuple(body.permissions)).apart
    return await services.consents.agree_for(visitor, body.operation_id, how, apart)


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
        here = (request.service, str(Origin.of(request.store_url)))
        of_it = {request.operation, ANY_OPERATION}
        given = await services.consents.list(visitor)
        there = [one for one in given if one.in_force and (one.service, one.store_url) == here]
        ids = [
            one.id for one in there if one.operation in of_it and (one.purpose in request.apart or not request.apart)
        ]
    if not ids:
        raise NotFound(because="No consent is in force for that.")
    return ids


async def _check_same(services: Services, visitor: Visitor, body: ConsentIn, operation_id: UUID) -> None:
    """What is said beside an operation's id has to be what that operation asks for: nobody consents to something else."""
    view = await services.operations.status(visitor, operation_id)
    shop = str(Origin.of(body.metadata.store_url)) if body.metadata else view.store_url
    said = (body.service or view.service, body.operation or view.operation, shop)
    to_act = ConsentRequest("", "", "", tuple(body.permissions)).to_act
    permissions = set(to_act) or set(view.permissions)
    if said != (view.service, view.operation, view.store_url) or permissions != set(view.permissions):
        asks_for = ", ".join(view.permissions)
        raise BadInput(because=f"That operation is {view.operation} at {view.store_url}, and asks for: {asks_for}.")


def _request(body: ConsentIn) -> ConsentRequest:
    if not (body.service and body.operation and body.metadata):
        raise BadInput(because="Name the operationId, or service, operation and metadata.storeUrl.")
    return ConsentRequest(body.service, body.operation, body.metadata.store_url, tuple(body.permissions))


def _out(view: ConsentView) -> ConsentOut:
    told = {name: value for name, value in vars(view).items() if name != "id"}
    return ConsentOut(consent_id=view.id, revoked_at=view.revoked_at, **told)
