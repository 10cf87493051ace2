"""The REST API, as far as a client with a key needs it; errors in WooCommerce's own words."""

import math
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.practice_shop.oauth import ApiCall, ApiDoor, ApiRefusal
from app.practice_shop.shop import KeyRecord

if TYPE_CHECKING:
    from app.practice_shop.web import Site

MOST_A_PAGE = 100
WRITING = frozenset({"write", "read_write"})
READING = frozenset({"read", "read_write"})


def router(site: "Site") -> APIRouter:
    """The routes of the API."""
    routes = APIRouter(prefix="/wp-json")
    door = ApiDoor(site.shop)

    @routes.get("/")
    async def index(request: Request) -> Response:
        namespaces = ["oembed/1.0", "wp/v2", *(["wc/v3", "wc/store/v1"] if site.shop.woocommerce else [])]
        return JSONResponse({"name": "Practice Tea Shop", "url": str(request.base_url), "namespaces": namespaces})

    @routes.get("/wc/v3/products")
    async def products(request: Request) -> Response:
        return _answered(door, request, lambda: _page(site, request))

    @routes.get("/wc/v3/products/{product_id}")
    async def product(request: Request, product_id: int) -> Response:
        return _answered(door, request, lambda: JSONResponse(_one(site, request, product_id)))

    @routes.get("/wc/v3/products/{product_id}/variations")
    async def variations(request: Request, product_id: int) -> Response:
        return _answered(door, request, lambda: JSONResponse(_variations(_one(site, request, product_id))))

    @routes.api_route("/wc/v3/products", methods=["POST", "PUT", "PATCH", "DELETE"])
    @routes.api_route("/wc/v3/products/{rest:path}", methods=["POST", "PUT", "PATCH", "DELETE"])
    async def change(request: Request) -> Response:
        return _answered(door, request, lambda: JSONResponse({}, 200), writing=True)

    @routes.get("/wc/v3/system_status")
    async def status(request: Request) -> Response:
        return _answered(
            door, request, lambda: JSONResponse({"environment": {"version": "11.0.1", "wp_version": "7.0.4"}})
        )

    return routes


def _answered(door: ApiDoor, request: Request, answer: Any, *, writing: bool = False) -> Response:
    """The answer, if the caller may have it."""
    secure = "https" in {request.url.scheme, request.headers.get("x-forwarded-proto", "")}
    url = str(request.url).partition("?")[0]
    call = ApiCall(request.method, url, request.url.query, request.headers.get("authorization", ""), secure)
    try:
        _check(door.caller(call), writing=writing)
        given: Response = answer()
    except ApiRefusal as refusal:
        body = {"code": refusal.code, "message": refusal.message, "data": {"status": refusal.status}}
        return JSONResponse(body, refusal.status)
    return given


def _check(key: KeyRecord | None, *, writing: bool) -> None:
    if key is None:
        verb, code = ("create resources", "create") if writing else ("list resources", "view")
        raise ApiRefusal(401, f"woocommerce_rest_cannot_{code}", f"Sorry, you cannot {verb}.")
    if key.permission not in (WRITING if writing else READING):
        kind = "write" if writing else "read"
        raise ApiRefusal(
            401, "woocommerce_rest_authentication_error", f"The API key provided does not have {kind} permissions."
        )


def _page(site: "Site", request: Request) -> Response:
    size, number = _number(request, "per_page", 10, MOST_A_PAGE), _number(request, "page", 1, None)
    found = [_told(request, product) for product in _fitting(site, request)]
    shown = found[(number - 1) * size : number * size]
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(math.ceil(len(found) / size))}
    return JSONResponse(shown, headers=headers)


def _fitting(site: "Site", request: Request) -> list[dict[str, Any]]:
    query = request.query_params
    words = query.get("search", "").casefold()
    found = [product for product in site.shop.products if words in product["name"].casefold()]
    by_id = query.get("orderby") == "id"
    key = "id" if by_id else "date_modified"
    return sorted(found, key=lambda product: product[key], reverse=query.get("order", "desc") == "desc")


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    text = request.query_params.get(name, str(default))
    if text.isdigit() and 1 <= int(text) <= (most or int(text)):
        return int(text)
    between = f"{name} must be between 1 (inclusive) and {most} (inclusive)" if most else f"{name} must be at least 1"
    raise ApiRefusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}. {between}")


def _one(site: "Site", request: Request, product_id: int) -> dict[str, Any]:
    for product in site.shop.products:
        if product["id"] == product_id:
            return _told(request, product)
    raise ApiRefusal(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")


def _told(request: Request, product: dict[str, Any]) -> dict[str, Any]:
    """A product with addresses of this shop."""
    base = str(request.base_url)
    return product | {
        "permalink": f"{base}product/{product['slug']}/",
        "images": [{"id": product["id"], "src": f"{base}wp-content/uploads/{product['id']}.svg", "alt": ""}],
    }


def _variations(product: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": variation, "sku": "", "price": product["price"], "stock_status": product["stock_status"]}
        for variation in product["variations"]
    ]
