"""Pictures of steps, for those whose steps they are."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.visitor import Who
from core.services import Services

# A picture never changes, and only its customer's browser may keep it.
STORED = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Disposition": "inline"}
KEPT_NOWHERE = {"Cache-Control": "no-store", "Content-Disposition": "inline"}


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter()
    webp: dict[int | str, dict[str, Any]] = {200: {"content": {"image/webp": {}}}}

    @routes.get("/pictures/live/{operationId}", tags=["operations"], response_class=Response, responses=webp)
    async def live_picture(operationId: UUID, visitor: Who) -> Response:  # noqa: N803  as the API spells it
        """The shop's page as it is now, 960 x 600 pixels, while a person watches the operation's page. 404 where there is none."""
        frame = await services.live.fetch(visitor.customer_id, operationId)
        return Response(frame, media_type="image/webp", headers=KEPT_NOWHERE)

    @routes.get("/pictures/{pictureId}/{size}", tags=["operations"], response_class=Response, responses=webp)
    async def picture(pictureId: UUID, size: Literal["full", "thumb"], visitor: Who) -> Response:  # noqa: N803  as the API spells it
        """A screenshot, 1280 x 800 pixels, or 400 wide. Passwords and keys in it are covered."""
        content = await services.pictures.load(visitor.customer_id, pictureId, size)
        return Response(content, media_type="image/webp", headers=STORED)

    return routes
