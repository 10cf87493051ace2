"""Small pictures of products, fetched by the server, so that a browser asks no foreign host for them."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.visitor import Who
from core.services import Services

A_DAY, A_MOMENT = 86_400, 10  # seconds a browser may keep one; and that there was none yet, which may be on its way
NONE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><path fill="#7b8899" fill-opacity=".25" d="M0 0h96v96H0z"/>'
    b'<path fill="none" stroke="#7b8899" stroke-width="4" stroke-linejoin="round" d="M24 28h48v40H24zM24 60l14-14 12 12 8-8 14 14"/></svg>'
)


def router(services: Services) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get(
        "/pictures/product/{productId}/thumb",
        tags=["products"],
        response_class=Response,
        responses={200: {"content": {"image/webp": {}, "image/svg+xml": {}}}},
    )
    async def product_picture(productId: UUID, visitor: Who) -> Response:  # noqa: N803  as the API spells it
        """The picture of a product, at most 96 pixels wide and high; a drawing that stands for it where it can't be had at once."""
        found = await services.product_pictures.of(visitor, productId)
        content, kind, kept = (found.content, found.media_type, A_DAY) if found else (NONE, "image/svg+xml", A_MOMENT)
        headers = {"Cache-Control": f"private, max-age={kept}", "Content-Disposition": "inline"}
        return Response(content, media_type=kind, headers=headers)

    return routes
