"""The audit trail, read and verified."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.schemas import Out
from app.api.visitor import Who
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


class VerificationOut(Out):
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
        before_seq: Annotated[int | None, Query(alias="beforeSeq", ge=1, le=LARGEST_SEQ)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[EntryOut]:
        """What was done, the newest first. The next page begins before the last `seq` of this one."""
        entries = await services.trail.read(visitor, operation_id, before_seq, limit)
        return [EntryOut.model_validate(entry) for entry in entries]

    @routes.get("/verify")
    async def verify(visitor: Who) -> VerificationOut:
        """Whether every entry is as it was written, and none is missing."""
        return VerificationOut.model_validate(await services.trail.verify(visitor))

    return routes
