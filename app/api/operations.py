"""Operations: start one, see how it stands, follow it, stop it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.api.schemas import OperationOut, ShopMetadata, Wire, operation_out, visitor_of
from core.operations.service import NewOperation
from core.security.people import Visitor
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]


class InitiateIn(Wire):
    """What is to be set up, and where."""

    service: str
    operation: str
    metadata: ShopMetadata
    permissions: list[str] = Field(default_factory=list, max_length=20)


class InitiateOut(Wire):
    """The operation that was recorded; while it awaits consent, what is missing."""

    operation_id: UUID
    status: str
    missing_permissions: list[str]


class CancelIn(Wire):
    """Why it is stopped."""

    because: str = "stopped by the customer"


def router(services: Services) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/autonomous", tags=["operations"])

    @routes.post("/initiate", status_code=201)
    async def initiate(body: InitiateIn, visitor: Who) -> InitiateOut:
        wanted = NewOperation(body.service, body.operation, body.metadata.store_url, tuple(body.permissions))
        view = await services.operations.initiate(visitor, wanted)
        missing = await services.operations.missing(visitor, view.id)
        return InitiateOut(operation_id=view.id, status=view.status.value, missing_permissions=sorted(missing))

    @routes.get("/status/{operation_id}")
    async def status(operation_id: UUID, visitor: Who) -> OperationOut:
        return operation_out(await services.operations.status(visitor, operation_id))

    @routes.get("/history")
    async def history(visitor: Who, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[OperationOut]:
        return [operation_out(view) for view in await services.operations.history(visitor, limit)]

    @routes.post("/operations/{operation_id}/cancel")
    async def cancel(operation_id: UUID, visitor: Who, body: CancelIn | None = None) -> OperationOut:
        because = (body or CancelIn()).because
        return operation_out(await services.operations.cancel(visitor, operation_id, because))

    @routes.get("/operations/{operation_id}/events", response_class=StreamingResponse)
    async def events(operation_id: UUID, visitor: Who) -> StreamingResponse:
        await services.operations.status(visitor, operation_id)
        return StreamingResponse(_events(services, visitor, operation_id), media_type="text/event-stream")

    return routes


async def _events(services: Services, visitor: Visitor, operation_id: UUID) -> AsyncIterator[str]:
    """The operation each time it has changed, as server-sent events, until it is over."""
    changed = asyncio.Event()

    def on_change(changed_id: UUID) -> None:
        if changed_id == operation_id:
            changed.set()

    unsubscribe = services.progress.subscribe(visitor.customer_id, on_change)
    try:
        while True:
            changed.clear()
            view = await services.operations.status(visitor, operation_id)
            yield f"event: status\ndata: {operation_out(view).model_dump_json(by_alias=True)}\n\n"
            if view.status.is_over:
                return
            await changed.wait()
    finally:
        unsubscribe()
