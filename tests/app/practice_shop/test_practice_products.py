"""The practice shop's products: the gaps of a real catalogue, paged, found, changed, and refused in the exact words."""

import re
from typing import Any

import httpx
import pytest

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import PRODUCTS, App, app_with_key, refusal


@pytest.fixture
def app(stranger: httpx.AsyncClient, shop: PracticeShop) -> App:
    return app_with_key(stranger, shop, "read_write")


async def names(app: App, query: str) -> list[str]:
    return [product["name"] for product in (await app.get(f"{PRODUCTS}?{query}")).json()]


async def test_the_catalogue_has_the_gaps_of_a_real_one(app: App) -> None:
    products: list[dict[str, Any]] = (await app.get(f"{PRODUCTS}?per_page=100")).json()
    assert len(products) == len({product["id"] for product in products}) == 47
    assert 1 <= sum(not product["price"] for product in products) <= 5
    assert 3 <= sum(not product["sku"] for product in products) <= 10
    assert sum(product["type"] == "variable" for product in products) >= 3
    assert any("<b>" in product["name"] for product in products)
    assert any("&lt;" in product["name"] for product in products)
    for script in ("\u0400-\u04ff", "\u0600-\u06ff", "\u0370-\u03ff", "\u4e00-\u9fff"):
        assert any(re.search(f"[{script}]", product["name"]) for product in products)
    assert any(not product["images"] for product in products)
    assert any(len(product["name"]) > 120 for product in products)
    assert {product["stock_status"] for product in products} == {"instock", "outofstock", "onbackorder"}


async def test_the_best_sellers_stand_out(app: App) -> None:
    best = (await app.get(f"{PRODUCTS}?orderby=popularity&per_page=3")).json()
    assert [product["name"] for product in best[:2]] == ["Earl Grey", "Cast Iron Teapot"]
    assert best[0]["total_sales"] > best[1]["total_sales"] > best[2]["total_sales"] > 0


async def test_a_product_without_a_price_can_not_be_bought(app: App) -> None:
    for product in (await app.get(f"{PRODUCTS}?per_page=100")).json():
        assert product["purchasable"] == bool(product["price"])
        assert bool(product["price_html"]) == bool(product["price"])


async def test_behind_a_variable_product_are_its_variations(app: App) -> None:
    (product,) = (await app.get(f"{PRODUCTS}?search=subscription")).json()
    answer = await app.get(f"{PRODUCTS}/{product['id']}/variations")
    found = answer.json()
    assert answer.headers["X-WP-Total"] == "3"
    assert [variation["id"] for variation in found] == product["variations"]
    assert min(float(variation["price"]) for variation in found if variation["price"]) == float(product["price"])
    assert any(not variation["price"] for variation in found)


async def test_twenty_a_page_make_three_pages(app: App) -> None:
    seen = []
    for number, count in ((1, 20), (2, 20), (3, 7), (4, 0)):
        answer = await app.get(f"{PRODUCTS}?per_page=20&page={number}")
        assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("47", "3")
        assert len(answer.json()) == count
        links = answer.headers.get("Link", "")
        assert ('rel="prev"' in links, 'rel="next"' in links) == (number > 1, number < 3)
        seen += [product["id"] for product in answer.json()]
    assert len(set(seen)) == 47


async def test_ten_a_page_unless_said_and_the_newest_first(app: App) -> None:
    answer = await app.get()
    dates = [product["date_created"] for product in answer.json()]
    assert (len(dates), answer.headers["X-WP-TotalPages"]) == (10, "5")
    assert dates == sorted(dates, reverse=True)


async def test_more_than_a_hundred_a_page_are_refused_as_wordpress_does(app: App) -> None:
    words = "per_page must be between 1 (inclusive) and 100 (inclusive)"
    for size in ("101", "0", "-1", "99999"):
        answer = await app.get(f"{PRODUCTS}?per_page={size}")
        assert answer.status_code == 400
        assert answer.json() == {
            "code": "rest_invalid_param",
            "message": "Invalid parameter(s): per_page",
            "data": {
                "status": 400,
                "params": {"per_page": words},
                "details": {"per_page": {"code": "rest_out_of_bounds", "message": words, "data": None}},
            },
        }


IMPOSSIBLE = {
    "per_page=many": ("per_page", "per_page is not of type integer."),
    "page=0": ("page", "page must be greater than or equal to 1"),
    "page=%C2%B2": ("page", "page is not of type integer."),
    "order=up": ("order", "order is not one of asc and desc."),
}


async def test_a_parameter_that_can_not_be_is_named(app: App) -> None:
    for query, (name, words) in IMPOSSIBLE.items():
        answer = await app.get(f"{PRODUCTS}?{query}")
        assert refusal(answer) == (400, "rest_invalid_param", f"Invalid parameter(s): {name}")
        assert answer.json()["data"]["params"] == {name: words}


async def test_products_are_found_by_what_is_asked(app: App) -> None:
    assert set(await names(app, "search=TEAPOT")) == {"Cast Iron Teapot", "Glass Teapot", "Porcelain Teapot"}
    assert await names(app, "sku=TEA-0104") == ["Genmaicha"]
    assert await names(app, "search=%E6%8A%B9%E8%8C%B6") == ["抹茶 Matcha, ceremonial grade"]
    assert await names(app, "include=101,104&orderby=id&order=asc") == ["Sencha", "Genmaicha"]
    assert len(await names(app, "type=variable&per_page=100")) == 5
    assert await names(app, "status=draft") == []
    assert "Sencha" not in await names(app, "exclude=101&per_page=100")


async def test_only_the_fields_asked_for_are_told(app: App) -> None:
    assert (await app.get(f"{PRODUCTS}?_fields=id,name&include=101")).json() == [{"id": 101, "name": "Sencha"}]


async def test_addresses_are_the_shops_own(app: App) -> None:
    base = f"{app.visitor.base_url}"
    product = (await app.get(f"{PRODUCTS}/101")).json()
    assert product["permalink"] == f"{base}/product/sencha/"
    assert (await app.visitor.get(product["permalink"])).status_code == 200
    assert (await app.visitor.get(product["images"][0]["src"])).status_code == 200


async def test_a_product_can_be_added_changed_and_taken_away(app: App) -> None:
    added = await app.send("POST", PRODUCTS, {"name": "Pocket Kettle", "regular_price": "12.00", "id": 1, "price": "1"})
    product = added.json()
    assert (added.status_code, product["price"], product["on_sale"]) == (201, "12.00", False)
    place = f"{PRODUCTS}/{product['id']}"
    assert product["id"] != 1
    changed = (await app.send("PUT", place, {"sale_price": "9.00"})).json()
    assert (changed["price"], changed["on_sale"], changed["name"]) == ("9.00", True, "Pocket Kettle")
    assert (await app.get()).headers["X-WP-Total"] == "48"
    assert (await app.send("DELETE", place, None)).status_code == 200
    assert refusal(await app.get(place)) == (404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
    assert refusal(await app.send("PUT", place, {})) == (400, "woocommerce_rest_product_invalid_id", "Invalid ID.")


async def test_what_is_sent_and_is_no_object_changes_nothing(app: App) -> None:
    before = (await app.get(f"{PRODUCTS}/101")).json()
    for sent in ([1], "text", None):
        answer = await app.send("PUT", f"{PRODUCTS}/101", sent)
        assert {name: answer.json()[name] for name in ("name", "price", "sku")} == {
            name: before[name] for name in ("name", "price", "sku")
        }


async def test_each_shop_has_products_of_its_own(app: App) -> None:
    await app.send("DELETE", f"{PRODUCTS}/101", None)
    assert len(PracticeShop().products) == 47


async def test_the_index_names_the_apis_and_an_unknown_route_is_refused(stranger: httpx.AsyncClient) -> None:
    index = (await stranger.get("/wp-json/")).json()
    assert {"wp/v2", "wc/v3"} <= set(index["namespaces"])
    for place in ("/wp-json/wc/v3/nope", f"{PRODUCTS}/abc", "/wp-json/nope"):
        words = "No route was found matching the URL and request method."
        assert refusal(await stranger.get(place)) == (404, "rest_no_route", words)


async def test_the_status_tells_the_versions(app: App) -> None:
    told = (await app.get("/wp-json/wc/v3/system_status")).json()["environment"]
    assert (told["version"], told["wp_version"]) == ("11.0.1", "7.0.4")
    assert told["home_url"] == f"{app.visitor.base_url}"
