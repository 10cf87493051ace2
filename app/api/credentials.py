"""Credentials go in and never come out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from app.api.schemas import ShopMetadata, Wire, visitor_of
from core.security.people import Visitor
from core.security.secret import Secret
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]


class CredentialsIn(Wire):
    """A shop's sign-in, by field name."""

    service: str
    metadata: ShopMetadata
    credentials: dict[str, SecretStr]


class CredentialOut(Wire):
    """What may be told of a secret."""

    credential_id: UUID
    service: str
    store_url: str
    field: str
    created_at: datetime
    last_used_at: datetime | None
    use_count: int
    expires_at: datetime | None


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/credentials", tags=["credentials"])

    @routes.get("")
    async def list_credentials(visitor: Who) -> list[CredentialOut]:
        return [
            CredentialOut(
                credential_id=one.id,
                service=one.service,
                store_url=one.origin,
                field=one.field,
                created_at=one.created_at,
                last_used_at=one.last_used_at,
                use_count=one.use_count,
                expires_at=one.expires_at,
            )
            for one in await services.credentials.list(visitor)
        ]

    @routes.post("", status_code=204)
    async def store(body: CredentialsIn, visitor: Who) -> None:
        fields = {name: Secret(value.get_secret_value()) for name, value in body.credentials.items()}
        await services.credentials.store(visitor, body.service, body.metadata.store_url, fields)

    @routes.delete("/{credential_id}", status_code=204)
    async def delete(credential_id: UUID, visitor: Who) -> None:
        await services.credentials.delete(visitor, credential_id, because="deleted by the customer")

    return routes
