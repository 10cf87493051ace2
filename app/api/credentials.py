"""Credentials go in and never come out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, SecretStr

from app.api.circumstances import How
from app.api.schemas import In, Name, Out, ShopMetadata
from app.api.visitor import Who
from core.security.secret import Secret
from core.security.vault.vault import StoredCredential
from core.services import Services

EXAMPLE = {"admin_username": "admin", "admin_password": "…"}


class CredentialsIn(In):
    """A shop's sign-in, by field name.

    With `totp_seed`, the key of its authenticator app (in base32, or as an `otpauth://totp/` address), the codes of a
    second step come by themselves; without it a person is asked for them.
    """

    service: Name = Field(examples=["woocommerce"])
    metadata: ShopMetadata
    expires_at: AwareDatetime | None = Field(
        default=None, description="From then on it is not used any more.", examples=["2027-01-31T00:00:00Z"]
    )
    credentials: Annotated[dict[Name, SecretStr], Field(max_length=10, examples=[EXAMPLE])]


class CredentialOut(Out):
    """What may be told of a secret. `storeUrl` is the only place where it is used.

    It should be changed at the shop, and stored anew, until `rotateBy`: 90 days after it was stored.
    """

    credential_id: UUID
    service: str
    store_url: str
    field: str
    created_at: datetime
    last_used_at: datetime | None
    use_count: int
    expires_at: datetime | None
    rotate_by: datetime
    is_overdue: bool


class EndIn(In):
    """From when on a stored secret is not used any more; null for no such moment."""

    expires_at: AwareDatetime | None = Field(examples=["2027-01-31T00:00:00Z"])


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/credentials", tags=["credentials"])

    @routes.get("")
    async def list_credentials(visitor: Who) -> list[CredentialOut]:
        """What is stored, and how often it was used; no value is ever told."""
        now = services.clock.now()
        return [_out(one, now) for one in await services.credentials.list(visitor)]

    @routes.post("", status_code=204)
    async def store(body: CredentialsIn, visitor: Who, how: How) -> None:
        """Seal a shop's sign-in in the vault; what was there before is replaced.

        To send it is to consent explicitly to its being kept until what is asked for is over: that is recorded as a
        consent of its own (`store_sign_in`), with a receipt, and can be withdrawn by itself.
        """
        fields = {name: Secret(value.get_secret_value()) for name, value in body.credentials.items()}
        await services.credentials.store(visitor, body.service, body.metadata.store_url, fields, how, body.expires_at)

    @routes.patch("/{credentialId}", status_code=204)
    async def limit(credentialId: UUID, body: EndIn, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Let a stored secret end at another moment; nothing else of it can be changed."""
        await services.credentials.limit(visitor, credentialId, body.expires_at)

    @routes.delete("/{credentialId}", status_code=204)
    async def delete(credentialId: UUID, visitor: Who) -> None:  # noqa: N803  as the API spells it
        """Destroy a stored secret."""
        await services.credentials.delete(visitor, credentialId, because="deleted by the customer")

    return routes


def _out(one: StoredCredential, now: datetime) -> CredentialOut:
    return CredentialOut(
        credential_id=one.id,
        service=one.service,
        store_url=one.origin,
        field=one.field,
        created_at=one.created_at,
        last_used_at=one.last_used_at,
        use_count=one.use_count,
        expires_at=one.expires_at,
        rotate_by=one.rotate_by,
        is_overdue=one.is_overdue(now),
    )
