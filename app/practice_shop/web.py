"""The shop as a web application: sign-in, admin pages, REST API, and a small shop front."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.middleware.base import RequestResponseEndpoint

from app.practice_shop import admin, front, rest, sign_in
from app.practice_shop.faults import Fault
from app.practice_shop.shop import Person, PracticeShop

HERE = Path(__file__).parent
COOKIE = "wordpress_logged_in_practice"
SLOW_BY = 1.5  # seconds the fault `slow` adds to an admin page
UNDELAYED = ("/wp-includes/", "/wp-content/", "/favicon.ico")


class Site:
    """What every page of one shop needs: its state, and its templates."""

    def __init__(self, shop: PracticeShop) -> None:
        self.shop = shop
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())

    def visitor(self, request: Request) -> Person | None:
        """Who is signed in."""
        return self.shop.signed_in(request.cookies.get(COOKIE))

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        shown = self._templates.get_template(template).render(shop=self.shop, Fault=Fault, **values)
        return HTMLResponse(shown, status_code=status, headers={"Cache-Control": "no-cache, must-revalidate"})

    def died(self, message: str, status: int) -> HTMLResponse:
        """WordPress's page for the end of the road."""
        return self.page("died.html", status, message=message)


def create_app(shop: PracticeShop) -> FastAPI:
    """The application that serves this shop."""
    site = Site(shop)
    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @application.middleware("http")
    async def take_time(request: Request, call_next: RequestResponseEndpoint) -> Response:
        path = request.url.path
        shop.requests.append(f"{request.method} {path}")
        if not path.startswith(UNDELAYED):
            slow = SLOW_BY if shop.has(Fault.SLOW) and path.startswith(("/wp-admin", "/wp-login")) else 0.0
            await asyncio.sleep(shop.latency_seconds + slow)
        return await call_next(request)

    @application.get("/wp-includes/style.css")
    async def style() -> Response:
        return Response((HERE / "templates" / "style.css").read_text("utf-8"), media_type="text/css")

    application.include_router(front.router(site))
    if shop.wordpress:
        application.include_router(sign_in.router(site))
        application.include_router(rest.router(site))
        application.include_router(admin.router(site))

    @application.exception_handler(404)
    async def nothing_here(request: Request, error: Exception) -> Response:
        return PlainTextResponse("Page not found", status_code=404)

    return application
