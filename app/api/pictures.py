"""Pictures of steps, for those whose steps they are."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.visitor import Who
from core.services import Services

# A picture never changes, and only its customer's browser may keep it.
HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Disposition": "inline"}


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get(
        "/pictures/{pictureId}/{size}",
        tags=["operations"],
        response_class=Response,
        responses={200: {"content": {"image/webp": {}}}},
    )
    async def picture(pictureId: UUID, size: Literal["full", "thumb"], visitor: Who) -> Response:  # noqa: N803  as the API spells it
        """A screenshot, 1280 x 800 pixels, or 400 wide. Passwords and keys in it are covered."""
        webp = await services.pictures.load(visitor.customer_id, pictureId, size)
        return Response(webp, media_type="image/webp", headers=HEADERS)

    return routes
