"""WooCommerce's REST API, as far as a setup needs it: OAuth 1.0a over http, Basic over https."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from core.catalog.sync import Product, ProductPage
from core.integrations.calling import REFUSALS, Answer, Method, ShopApiRefused, basic, error_code, fetch, refusal
from core.integrations.reading import address_of, count_of, hundredths_of, objects_of, plain_text, text_of
from core.security.origin import Origin
from core.security.secret import Secret

OF_WOOCOMMERCE = "woocommerce_rest_"  # how the codes of its errors begin
NO_SUCH_PRODUCT = "woocommerce_rest_product_invalid_id"


class WooCommerceApi:
    """Calls one shop's API with one key (`consumer_key` and `consumer_secret`), through the run's own way out."""

    def __init__(self, origin: Origin, key: Mapping[str, Secret], proxy_url: str) -> None:
        self._origin = origin
        self._key, self._secret = key["consumer_key"], key["consumer_secret"]
        self._proxy_url = proxy_url

    async def page(self, number: int, size: int) -> ProductPage:
        """One page of products, in the order of their ids. Raises ShopApiRefused or ShopApiUnreachable."""
        query = {"per_page": str(size), "page": str(number), "orderby": "id", "order": "asc"}
        answer = await self._get("/wp-json/wc/v3/products", query)
        try:
            products = tuple(product_of(one, self._origin) for one in answer.json())
            return ProductPage(products, int(answer.headers["X-WP-Total"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ShopApiRefused(because="It answered with something other than a list of products.") from error

    async def can_write(self) -> bool:
        """Whether the key may change something: asked by a change to product 0, which no shop has. Raises as `page`.

        Only what WooCommerce itself says counts; what stands in front of it may refuse a change as well.
        """
        url = f"{self._origin}/wp-json/wc/v3/products/0"
        answer = await fetch(url, self._proxy_url, self._sign, method="PUT")
        if error_code(answer) == NO_SUCH_PRODUCT:
            return True
        if _says_no(answer):
            return False
        raise refusal(answer)

    async def is_refused(self) -> bool:
        """Whether the shop says that it knows this key no more. Raises ShopApiRefused or ShopApiUnreachable."""
        answer = await fetch(f"{self._origin}/wp-json/wc/v3/products?per_page=1", self._proxy_url, self._sign)
        if answer.status == httpx.codes.OK or _says_no(answer):
            return answer.status != httpx.codes.OK
        raise refusal(answer)

    async def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        url = f"{self._origin}{path}?{urlencode(query)}"
        answer = await fetch(url, self._proxy_url, self._sign)
        if answer.status != httpx.codes.OK:
            raise refusal(answer)
        return answer

    def _sign(self, url: str, method: Method) -> tuple[str, dict[str, str]]:
        """The address and headers of a signed request: Basic where the line is safe, else a one-legged signature."""
        key = self._key.reveal()
        if self._origin.scheme == "https":
            return url, {"Authorization": basic(key, self._secret)}
        client = Client(key, client_secret=self._secret.reveal(), signature_method=SIGNATURE_HMAC_SHA256)
        signed_url, headers, _ = client.sign(url, method)
        return signed_url, dict(headers)


def _says_no(answer: Answer) -> bool:
    """Whether it is WooCommerce that refuses this key."""
    return answer.status in REFUSALS and error_code(answer).startswith(OF_WOOCOMMERCE)


def product_of(said: dict[str, Any], origin: Origin) -> Product:
    """A product of the REST API in our words; what a shop leaves out, or says in no usable way, is left out.

    Raises KeyError, TypeError or ValueError if it has no number to be known by.
    """
    number = count_of(said["id"])
    if not number:
        raise ValueError("that is no product's number")
    images = objects_of(said.get("images"))
    return Product(
        remote_id=number,
        name=plain_text(said.get("name")) or f"Product {number}",
        kind=text_of(said.get("type"))[:20] or "simple",
        sku=text_of(said.get("sku")) or None,
        price_hundredths=hundredths_of(said.get("price")),
        stock_status=text_of(said.get("stock_status"))[:20] or "instock",
        total_sales=count_of(said.get("total_sales")),
        categories=tuple(plain_text(category.get("name")) for category in objects_of(said.get("categories"))),
        description=plain_text(said.get("short_description")) or plain_text(said.get("description")),
        image_url=address_of(images[0].get("src"), origin) if images else None,
        page_url=address_of(said.get("permalink"), origin),
    )
