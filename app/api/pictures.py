"""Pictures of steps, for those whose steps they are."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.api.schemas import visitor_of
from core.security.people import Visitor
from core.services import Services

Who = Annotated[Visitor, Depends(visitor_of)]
HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Disposition": "inline"}


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/pictures/{picture_id}/{size}", tags=["operations"], response_class=Response)
    async def picture(picture_id: UUID, size: Literal["full", "thumb"], visitor: Who) -> Response:
        webp = await services.pictures.load(visitor.customer_id, picture_id, size)
        return Response(webp, media_type="image/webp", headers=HEADERS)

    return routes
