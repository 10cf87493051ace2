"""The shop front: a page of products, and their pictures."""

from html import escape
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

if TYPE_CHECKING:
    from app.practice_shop.web import Site

COLOURS = ("#b5651d", "#2f6f4f", "#7a3b69", "#1f5673", "#a63d40", "#5d737e")


def router(site: "Site") -> APIRouter:
    """The routes of the shop front."""
    routes = APIRouter()

    @routes.get("/")
    async def home() -> Response:
        return site.page("front.html", products=site.shop.products)

    @routes.get("/wp-content/uploads/{product_id}.svg")
    async def picture(product_id: int) -> Response:
        colour = COLOURS[product_id % len(COLOURS)]
        drawn = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">'
            f'<rect width="120" height="120" fill="{colour}" opacity=".18"/>'
            f'<path d="M30 50h50v24a22 22 0 0 1-22 22h-6a22 22 0 0 1-22-22z" fill="{escape(colour)}"/>'
            f'<path d="M80 56h8a10 10 0 0 1 0 20h-8" fill="none" stroke="{colour}" stroke-width="6"/></svg>'
        )
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    return routes
