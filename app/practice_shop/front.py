"""The shop front: its products, a page for each, and their pictures."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from markupsafe import Markup

if TYPE_CHECKING:
    from app.practice_shop.web import Site

COLOURS = ("#b5651d", "#2f6f4f", "#7a3b69", "#1f5673", "#a63d40", "#5d737e")
# Drawn on 120 by 120: {c} is a product's colour.
LEAF = (
    '<path d="M28 88C24 48 56 26 94 28c2 40-22 66-58 60z" fill="{c}"/>'
    '<path d="M26 96 78 44M46 76l2-22M58 64l22 0" stroke="#fff" stroke-width="3" fill="none" opacity=".7"/>'
)
POT = (
    '<path d="M36 52h44c8 0 12 8 12 18 0 16-12 26-34 26S24 86 24 70c0-10 4-18 12-18z" fill="{c}"/>'
    '<path d="M44 52c0-10 28-10 28 0M58 36v6M90 62c12-2 12-14 18-16M28 60c-16-4-20 22-2 24" '
    'fill="none" stroke="{c}" stroke-width="6" stroke-linecap="round"/>'
)
CUP = (
    '<path d="M28 52h52v20a22 22 0 0 1-22 22h-8a22 22 0 0 1-22-22z" fill="{c}"/>'
    '<path d="M80 58h8a10 10 0 0 1 0 20h-9M42 42c-4-6 4-8 0-16M58 42c-4-6 4-8 0-16" fill="none" stroke="{c}" '
    'stroke-width="5" stroke-linecap="round"/>'
)
BOX = (
    '<path d="M28 50h64v44H28z" fill="{c}"/><path d="M24 40h72v14H24z" fill="{c}"/>'
    '<path d="M60 40v54M60 40c-22-2-20-20-6-16 6 2 6 16 6 16s0-14 6-16c14-4 16 14-6 16" fill="none" stroke="#fff" '
    'stroke-width="4"/>'
)
BY_CATEGORY = {"tea": LEAF, "teaware": CUP, "specials": BOX}


def router(site: "Site") -> APIRouter:
    """The routes of the shop front."""
    routes = APIRouter()
    by_slug = {product["slug"]: product for product in site.shop.products}

    @routes.get("/")
    async def home() -> Response:
        return site.page("front.html", products=site.shop.products)

    @routes.get("/product/{slug}/")
    async def product(slug: str) -> Response:
        if slug not in by_slug:
            return site.not_found()
        shown = by_slug[slug]
        # A shop's own markup is shown as markup; here it comes from the catalogue that is part of this code.
        return site.page("product.html", product=shown, description=Markup(shown["description"]))  # noqa: S704

    @routes.get("/wp-content/uploads/{slug}.svg")
    async def picture(slug: str) -> Response:
        if slug not in by_slug:
            return site.not_found()
        shown = by_slug[slug]
        shape = POT if "teapot" in slug else BY_CATEGORY[shown["categories"][0]["slug"]]
        colour = COLOURS[shown["id"] // 3 % len(COLOURS)]
        drawn = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" width="480" height="480">'
            f'<rect width="120" height="120" fill="#faf8f4"/><circle cx="60" cy="62" r="50" fill="{colour}" opacity=".13"/>'
            f"{shape.format(c=colour)}</svg>"
        )
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    return routes
