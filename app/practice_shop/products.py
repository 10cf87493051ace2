"""The shop's products as its REST API tells them: found, ordered, paged, and changed."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from app.practice_shop.oauth import ApiRefusal

Product = dict[str, Any]

MOST_A_PAGE = 100  # WooCommerce's own limit
ORDERS: Mapping[str, Callable[[Product], Any]] = {
    "date": lambda product: (product["date_created"], product["id"]),
    "modified": lambda product: (product["date_modified"], product["id"]),
    "id": lambda product: product["id"],
    "title": lambda product: product["name"].casefold(),
    "slug": lambda product: product["slug"],
    "price": lambda product: float(product["price"] or 0),
    "popularity": lambda product: product["total_sales"],
    "menu_order": lambda product: (0, product["name"].casefold()),
}
# What is the same for every product here; of the rest each says its own.
SAME = {
    "featured": False,
    "catalog_visibility": "visible",
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "external_url": "",
    "button_text": "",
    "tax_status": "taxable",
    "tax_class": "",
    "sold_individually": False,
    "shipping_required": True,
    "shipping_class": "",
    "reviews_allowed": True,
    "parent_id": 0,
    "grouped_products": [],
    "upsell_ids": [],
    "cross_sell_ids": [],
    "tags": [],
    "default_attributes": [],
    "menu_order": 0,
    "meta_data": [],
}
WORDS = frozenset({"name", "slug", "type", "status", "description", "short_description", "sku", "stock_status"})
PRICES = frozenset({"regular_price", "sale_price"})
CHANGEABLE = frozenset({"manage_stock", "stock_quantity"})


@dataclass(frozen=True)
class Paged:
    """One page of what was found."""

    shown: list[Product]
    total: int
    pages: int
    number: int


def page(products: list[Product], query: Mapping[str, str]) -> Paged:
    """The products a query asks for. Raises ApiRefusal."""
    size, number = _number(query, "per_page", 10, MOST_A_PAGE), _number(query, "page", 1, None)
    order = _one_of(query, "order", "desc", ("asc", "desc"))
    by = _one_of(query, "orderby", "date", tuple(ORDERS))
    found = sorted(filter(_fitting(query), products), key=ORDERS[by], reverse=order == "desc")
    first = (number - 1) * size
    return Paged(found[first : first + size], len(found), -(-len(found) // size), number)


def numbered(products: list[Product], product_id: int, missing: int = 404) -> Product:
    """The product of that id. Raises ApiRefusal."""
    for product in products:
        if product["id"] == product_id:
            return product
    raise ApiRefusal(missing, "woocommerce_rest_product_invalid_id", "Invalid ID.")


def told(product: Product, base: str) -> Product:
    """A product with the addresses of the shop that is reached at `base` (ending in a slash)."""
    own = {name: value for name, value in product.items() if name != "variation_details"}
    images = [image | {"src": base + image["src"].lstrip("/")} for image in product["images"]]
    price = f'<span class="amount">${escape(product["price"])}</span>' if product["price"] else ""
    links = {"self": [{"href": f"{base}wp-json/wc/v3/products/{product['id']}"}]}
    return {
        **copy.deepcopy(SAME),
        **own,
        "purchasable": bool(product["price"]),
        "permalink": base + product["permalink"].lstrip("/"),
        "images": images,
        "price_html": price,
        "_links": links,
    }


def variations(product: Product, base: str) -> list[Product]:
    """What is behind a variable product."""
    return [variation | {"permalink": base + product["permalink"].lstrip("/")} for variation in _details(product)]


def change(product: Product, wanted: Mapping[str, Any], at: str) -> None:
    """Take over what may be changed, and what follows from it."""
    product.update({name: str(value or "") for name, value in wanted.items() if name in WORDS | PRICES})
    product.update({name: value for name, value in wanted.items() if name in CHANGEABLE})
    product["on_sale"] = bool(product["sale_price"])
    if product["type"] != "variable":
        product["price"] = product["sale_price"] or product["regular_price"]
    product["date_modified"] = product["date_modified_gmt"] = at


def new(wanted: Mapping[str, Any], product_id: int, at: str) -> Product:
    """A product that was not there before."""
    name = str(wanted.get("name") or "Product")
    slug = "-".join(name.lower().split())
    product: Product = {
        "id": product_id,
        "name": name,
        "slug": slug,
        "permalink": f"/product/{slug}/",
        "type": "simple",
        "status": "publish",
        "date_created": at,
        "date_created_gmt": at,
        "total_sales": 0,
        "manage_stock": False,
        "stock_quantity": None,
        "stock_status": "instock",
        **dict.fromkeys(("sku", "price", "regular_price", "sale_price", "description", "short_description"), ""),
        **{name: [] for name in ("categories", "images", "attributes", "variations", "variation_details")},
    }
    change(product, wanted, at)
    return product


def _details(product: Product) -> list[Product]:
    details: list[Product] = product["variation_details"]
    return details


def _fitting(query: Mapping[str, str]) -> Callable[[Product], bool]:
    """Whether a product is one of those asked for."""
    words = query.get("search", "").casefold()
    exact = {name: query[name] for name in ("sku", "slug", "type", "status", "stock_status") if query.get(name)}
    if exact.get("status") == "any":
        del exact["status"]
    category = query.get("category", "")
    included, excluded = _ids(query, "include"), _ids(query, "exclude")

    def fits(product: Product) -> bool:
        return (
            words in product["name"].casefold()
            and all(product[name] == value for name, value in exact.items())
            and (not category or category in {str(one["id"]) for one in product["categories"]})
            and (not included or product["id"] in included)
            and product["id"] not in excluded
        )

    return fits


def _ids(query: Mapping[str, str], name: str) -> set[int]:
    return {int(part) for part in query.get(name, "").split(",") if part.strip().isascii() and part.strip().isdigit()}


def _number(query: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise _invalid(name, "rest_invalid_type", f"{name} is not of type integer.")
    if 1 <= int(text) <= (most or int(text)):
        return int(text)
    if most:
        raise _invalid(name, "rest_out_of_bounds", f"{name} must be between 1 (inclusive) and {most} (inclusive)")
    raise _invalid(name, "rest_out_of_bounds", f"{name} must be greater than or equal to 1")


def _one_of(query: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    said = query.get(name, default)
    if said in allowed:
        return said
    choices = ", ".join(allowed[:-1]) + f", and {allowed[-1]}" if len(allowed) > 2 else " and ".join(allowed)
    raise _invalid(name, "rest_not_in_enum", f"{name} is not one of {choices}.")


def _invalid(name: str, code: str, words: str) -> ApiRefusal:
    """WordPress's answer to a parameter it can't take."""
    details = {name: {"code": code, "message": words, "data": None}}
    return ApiRefusal(
        400, "rest_invalid_param", f"Invalid parameter(s): {name}", {"params": {name: words}, "details": details}
    )
