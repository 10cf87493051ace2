"""The audit trail, read and verified."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.api.downloads import zip_of
from app.api.schemas import Out
from app.api.visitor import Who
from core.operations.entry_filter import By, EntryFilter
from core.operations.trail import MOST_ENTRIES
from core.security.audit.audit_log import AuditAction
from core.services import Services

LARGEST_SEQ = 2**63 - 1  # a larger one fits no column


class EntryOut(Out):
    """An entry of the chain."""

    seq: int
    at: datetime
    actor: str
    action: str
    operation_id: UUID | None
    detail: dict[str, Any] | None
    hash: str


class EntriesQuery(BaseModel):
    """Which entries, and from where on."""

    model_config = ConfigDict(alias_generator=to_camel)

    operation_id: UUID | None = None
    action: AuditAction | None = Field(default=None, description="what was done")
    by: By | None = Field(
        default=None, alias="actor", description="by whom: of the company, of staff, the agent, the system"
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(default=None, description="what was done then is not in it any more")
    before_seq: int | None = Field(default=None, ge=1, le=LARGEST_SEQ)
    limit: int = Field(default=100, ge=1, le=MOST_ENTRIES)


class CheckpointOut(Out):
    """A signed statement of how the chain stood: entry `seq` had this hash. `sha256` is that of its text."""

    number: int
    seq: int
    hash: str
    at: str
    previous: str
    sha256: str
    key_id: str
    signature: str


class VerificationOut(Out):
    """Whether the chain is whole; `unanchored` counts the entries that nothing was signed for yet."""

    intact: bool
    events: int
    first_broken: int | None
    because: str
    checkpoint: CheckpointOut | None
    unanchored: int


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/audit", tags=["audit"])

    @routes.get("")
    async def read(visitor: Who, query: Annotated[EntriesQuery, Query()]) -> list[EntryOut]:
        """What was done, the newest first. The next page begins before the last `seq` of this one."""
        wanted = EntryFilter(query.operation_id, query.action or "", query.by, query.since, query.until)
        entries = await services.trail.page(visitor, wanted, query.before_seq, query.limit)
        return [EntryOut.model_validate(entry) for entry, _ in entries]

    @routes.get("/verify")
    async def verify(visitor: Who) -> VerificationOut:
        """Whether every entry is as it was written, none is missing, and all fits what was signed, here and outside."""
        return VerificationOut.model_validate(await services.trail.verify(visitor))

    _add_downloads(routes, services)
    return routes


def _add_downloads(routes: APIRouter, services: Services) -> None:
    @routes.get(
        "/export",
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}, "description": "The zip."}},
    )
    async def export(visitor: Who) -> StreamingResponse:
        """The whole chain, with checkpoints, our public key, and a program that verifies them without us. It is an entry, too."""
        return await zip_of("audit.zip", partial(services.trail.export, visitor))

    @routes.get("/public-key", response_class=Response, responses={200: {"content": {"application/x-pem-file": {}}}})
    async def public_key(visitor: Who) -> Response:
        """The key that checkpoints and receipts are checked with, as PEM."""
        return Response(services.trail.public_key(), media_type="application/x-pem-file")
