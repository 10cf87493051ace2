"""The REST API, as far as a client with a key needs it; refusals in WooCommerce's own words."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from app.practice_shop import products
from app.practice_shop.keyring import KeyRecord
from app.practice_shop.oauth import NOT_KNOWN, ApiCall, ApiDoor, ApiRefusal
from app.practice_shop.people import person_named
from app.practice_shop.shop import WOOCOMMERCE, WORDPRESS

if TYPE_CHECKING:
    from app.practice_shop.web import Site

NAME = "Practice Tea Shop"
UPDATING = ["POST", "PUT", "PATCH"]
READING, WRITING = frozenset({"read", "read_write"}), frozenset({"write", "read_write"})


@dataclass(frozen=True)
class Deed:
    """Something to do with the API, and the refusal for who may not."""

    code: str
    words: str
    writes: bool = False


LIST = Deed("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
VIEW = Deed("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
CREATE = Deed("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.", writes=True)
EDIT = Deed("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.", writes=True)
DELETE = Deed("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource.", writes=True)


def router(site: "Site") -> APIRouter:
    """The routes of the API."""
    routes = APIRouter(prefix="/wp-json")

    @routes.get("")
    @routes.get("/")
    async def index(request: Request) -> Response:
        namespaces = ["oembed/1.0", "wp/v2"]
        namespaces += ["wc/v1", "wc/v2", "wc/v3", "wc/store/v1"] if site.shop.woocommerce else []
        told = {"name": NAME, "description": "", "url": base_of(request).rstrip("/"), "namespaces": namespaces}
        return JSONResponse(told | {"authentication": {}, "routes": {}})

    if site.shop.woocommerce:
        routes.include_router(_woocommerce(site), prefix="/wc/v3")

    @routes.api_route("/{rest:path}", methods=["GET", *UPDATING, "DELETE"])
    async def no_route(rest: str) -> Response:
        return _refused(ApiRefusal(404, "rest_no_route", "No route was found matching the URL and request method."))

    return routes


def _woocommerce(site: "Site") -> APIRouter:
    routes = APIRouter()
    desk = _Desk(site, ApiDoor(site.shop))

    @routes.get("/products")
    async def listing(request: Request) -> Response:
        return desk.answer(request, LIST, lambda: desk.page(request))

    @routes.post("/products")
    async def create(request: Request) -> Response:
        wanted = await _sent(request)
        return desk.answer(request, CREATE, lambda: desk.create(request, wanted))

    @routes.get("/products/{product_id:int}")
    async def one(request: Request, product_id: int) -> Response:
        return desk.answer(request, VIEW, lambda: desk.one(request, product_id))

    @routes.api_route("/products/{product_id:int}", methods=UPDATING)
    async def update(request: Request, product_id: int) -> Response:
        wanted = await _sent(request)
        return desk.answer(request, EDIT, lambda: desk.update(request, product_id, wanted))

    @routes.delete("/products/{product_id:int}")
    async def delete(request: Request, product_id: int) -> Response:
        return desk.answer(request, DELETE, lambda: desk.delete(request, product_id))

    @routes.get("/products/{product_id:int}/variations")
    async def variations(request: Request, product_id: int) -> Response:
        return desk.answer(request, LIST, lambda: desk.variations(request, product_id))

    @routes.get("/system_status")
    async def status(request: Request) -> Response:
        environment = {"home_url": base_of(request).rstrip("/"), "version": WOOCOMMERCE, "wp_version": WORDPRESS}
        return desk.answer(request, LIST, lambda: JSONResponse({"environment": environment}))

    return routes


class _Desk:
    """Answers for one shop whom its door lets in."""

    def __init__(self, site: "Site", door: ApiDoor) -> None:
        self._shop = site.shop
        self._door = door

    def answer(self, request: Request, deed: Deed, give: Callable[[], Response]) -> Response:
        """The answer, or the refusal."""
        try:
            self._let_in(self._door.caller(_call(request)), deed)
            return give()
        except ApiRefusal as refusal:
            return _refused(refusal)

    def page(self, request: Request) -> Response:
        found = products.page(self._shop.products, request.query_params)
        headers = {"X-WP-Total": str(found.total), "X-WP-TotalPages": str(found.pages)}
        if links := _links(request, found):
            headers["Link"] = links
        fields = {name for name in request.query_params.get("_fields", "").split(",") if name}
        told = [products.told(product, base_of(request)) for product in found.shown]
        shown = [{name: one[name] for name in one if not fields or name in fields} for one in told]
        return JSONResponse(shown, headers=headers)

    def one(self, request: Request, product_id: int) -> Response:
        return JSONResponse(products.told(products.numbered(self._shop.products, product_id), base_of(request)))

    def variations(self, request: Request, product_id: int) -> Response:
        found = products.variations(products.numbered(self._shop.products, product_id), base_of(request))
        return JSONResponse(found, headers={"X-WP-Total": str(len(found)), "X-WP-TotalPages": "1"})

    def create(self, request: Request, wanted: dict[str, Any]) -> Response:
        product_id = max(product["id"] for product in self._shop.products) + 1
        product = products.new(wanted, product_id, self._now())
        self._shop.products.append(product)
        return JSONResponse(products.told(product, base_of(request)), status_code=201)

    def update(self, request: Request, product_id: int, wanted: dict[str, Any]) -> Response:
        product = products.numbered(self._shop.products, product_id, missing=400)
        products.change(product, wanted, self._now())
        return JSONResponse(products.told(product, base_of(request)))

    def delete(self, request: Request, product_id: int) -> Response:
        product = products.numbered(self._shop.products, product_id)
        self._shop.products.remove(product)
        return JSONResponse(products.told(product, base_of(request)))

    def _let_in(self, key: KeyRecord | None, deed: Deed) -> None:
        if key is None:
            raise ApiRefusal(401, deed.code, deed.words)
        if key.permission not in (WRITING if deed.writes else READING):
            kind = "write" if deed.writes else "read"
            raise ApiRefusal(401, NOT_KNOWN, f"The API key provided does not have {kind} permissions.")
        self._shop.keyring.used(key, self._shop.clock.now())
        owner = person_named(key.login)
        if owner is None or not owner.may_manage:
            raise ApiRefusal(403, deed.code, deed.words)

    def _now(self) -> str:
        return self._shop.clock.now().strftime("%Y-%m-%dT%H:%M:%S")


def base_of(request: Request) -> str:
    """The shop's address as the caller knows it, ending in a slash."""
    return str(request.base_url.replace(scheme="https" if _is_secure(request) else "http"))


def _is_secure(request: Request) -> bool:
    return "https" in {request.url.scheme, request.headers.get("x-forwarded-proto", "")}


def _call(request: Request) -> ApiCall:
    return ApiCall(
        method=request.method,
        url=base_of(request).rstrip("/") + request.url.path,
        query=request.url.query,
        authorization=request.headers.get("authorization", ""),
        secure=_is_secure(request),
    )


async def _sent(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; nothing, if it is something else, or the caller has gone."""
    try:
        sent = json.loads(await request.body() or b"{}")
    except (ValueError, ClientDisconnect):
        return {}
    return sent if isinstance(sent, dict) else {}


def _links(request: Request, found: products.Paged) -> str:
    """Where the pages before and after are, as RFC 8288 has it."""
    at = request.url.replace(scheme="https" if _is_secure(request) else "http")
    places = {"prev": min(found.number - 1, found.pages), "next": found.number + 1}
    return ", ".join(
        f'<{at.include_query_params(page=number)}>; rel="{name}"'
        for name, number in places.items()
        if 1 <= number <= found.pages
    )


def _refused(refusal: ApiRefusal) -> Response:
    body = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
    return JSONResponse(body, refusal.status)
