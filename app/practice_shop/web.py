"""The shop as a web application: sign-in, admin pages, REST API, and a small shop front."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.middleware.base import RequestResponseEndpoint

from app.practice_shop import account, admin, authorize, front, key_pages, rest, sign_in
from app.practice_shop.faults import Fault
from app.practice_shop.german import GERMAN
from app.practice_shop.people import Person
from app.practice_shop.shop import WOOCOMMERCE, WORDPRESS, PracticeShop

HERE = Path(__file__).parent
UNDELAYED = ("/wp-includes/", "/wp-content/", "/favicon.ico")
ADMIN = ("/wp-admin", "/wp-login.php")
API = "/wp-json/wc/"
BUSY_FOR = 120  # seconds that the fault `api_busy` asks to wait
ASSETS = {"style.css": "text/css", "keys.js": "text/javascript"}


class Site:
    """What every page of one shop needs: its state, and its templates."""

    def __init__(self, shop: PracticeShop) -> None:
        self.shop = shop
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            shop=shop, Fault=Fault, wordpress=WORDPRESS, woocommerce=WOOCOMMERCE, say=self.say
        )

    def visitor(self, request: Request) -> Person | None:
        """Who is signed in."""
        return self.shop.signed_in(request.cookies.get(sign_in.COOKIE))

    def may_manage(self, person: Person) -> bool:
        """Whether somebody may manage WooCommerce here, if it is here at all."""
        return self.shop.woocommerce and person.may_manage

    def say(self, english: str) -> str:
        """This in the language of the shop, as far as it is translated."""
        return GERMAN.get(english, english) if self.shop.has(Fault.GERMAN) else english

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        shown = self._templates.get_template(template).render(**values)
        headers = {"Cache-Control": "no-cache, must-revalidate, max-age=0", "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse(shown, status_code=status, headers=headers)

    def died(self, message: str, status: int, way_out: str = "") -> HTMLResponse:
        """WordPress's page for the end of the road."""
        return self.page("died.html", status, message=self.say(message), way_out=self.say(way_out))

    def not_found(self) -> HTMLResponse:
        """The shop front's page for an address that is none."""
        return self.page("not_found.html", 404)


def _down(shop: PracticeShop, path: str) -> Response | None:
    """What is answered by a part of the shop that does not work at the moment."""
    if path.startswith(API) and shop.strikes(Fault.API_BUSY):
        return Response("Too busy", 503, {"Retry-After": str(BUSY_FOR)}, "text/plain")
    if path.startswith(ADMIN) and shop.strikes(Fault.ADMIN_DOWN):
        return Response("Service Unavailable", 503, media_type="text/plain")
    return None


def create_app(shop: PracticeShop) -> FastAPI:
    """The application that serves this shop."""
    site = Site(shop)
    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)

    @application.middleware("http")
    async def take_time(request: Request, call_next: RequestResponseEndpoint) -> Response:
        path = request.url.path
        shop.requests.append(f"{request.method} {path}")
        if not path.startswith(UNDELAYED):
            slow = shop.slow_by_seconds if path.startswith(ADMIN) and shop.strikes(Fault.SLOW) else 0.0
            await asyncio.sleep(shop.latency_seconds + slow)
        return _down(shop, path) or await call_next(request)

    @application.get("/wp-includes/{name}")
    async def asset(name: str) -> Response:
        if name not in ASSETS:
            return site.not_found()
        text = (HERE / "assets" / name).read_text("utf-8")
        return Response(text, media_type=ASSETS[name], headers={"Cache-Control": "max-age=300"})

    application.include_router(front.router(site))
    if shop.wordpress:
        for part in (sign_in, account, authorize, rest, key_pages, admin):
            application.include_router(part.router(site))

    @application.exception_handler(404)
    async def nothing_here(request: Request, error: Exception) -> Response:
        return site.not_found()

    return application
