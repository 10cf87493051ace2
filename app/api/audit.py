"""The audit trail, read and verified."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.api.schemas import Wire, visitor_of
from core.security.people import Visitor
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]


class EntryOut(Wire):
    """An entry of the chain."""

    seq: int
    at: datetime
    actor: str
    action: str
    operation_id: UUID | None
    detail: dict[str, Any] | None
    hash: str


class VerificationOut(Wire):
    """Whether the chain is whole."""

    intact: bool
    events: int
    first_broken: int | None
    because: str


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous/audit", tags=["audit"])

    @routes.get("")
    async def read(
        visitor: Who,
        operation_id: Annotated[UUID | None, Query(alias="operationId")] = None,
        before_seq: Annotated[int | None, Query(alias="beforeSeq", ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[EntryOut]:
        entries = await services.trail.read(visitor, operation_id, before_seq, limit)
        return [EntryOut(**vars(entry)) for entry in entries]

    @routes.get("/verify")
    async def verify(visitor: Who) -> VerificationOut:
        return VerificationOut(**vars(await services.trail.verify(visitor)))

    return routes
