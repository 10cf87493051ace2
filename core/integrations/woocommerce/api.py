"""WooCommerce's REST API, as far as a setup needs it: OAuth 1.0a over http, Basic over https."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from core.catalog.sync import Product, ProductPage
from core.errors import CoreError
from core.security.origin import Origin
from core.security.secret import Secret

ANSWERS_WITHIN = 30.0  # seconds
LARGEST_ANSWER = 20 * 1024 * 1024  # bytes; a hundred products are about one mebibyte


class ShopApiRefused(CoreError):
    """The shop's API refused this."""

    code: ClassVar[str] = "api_refused"


class ShopApiUnreachable(CoreError):
    """The shop's API did not answer."""

    code: ClassVar[str] = "api_unreachable"
    retry: ClassVar[bool] = True


@dataclass(frozen=True)
class ApiKey:
    """A key pair as WooCommerce makes it."""

    consumer_key: Secret
    consumer_secret: Secret

    @property
    def hint(self) -> str:
        """The last seven characters of the consumer key, as WooCommerce itself lists it."""
        return self.consumer_key.reveal()[-7:]


class WooCommerceApi:
    """Calls one shop's API with one key, through the run's own way out."""

    def __init__(self, origin: Origin, key: ApiKey, proxy_url: str) -> None:
        self._origin = origin
        self._key = key
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

    async def _get(self, path: str, query: Mapping[str, str]) -> httpx.Response:
        url = f"{self._origin}{path}?{urlencode(query)}"
        answer = await fetch(url, self._proxy_url, sign=self._sign)
        if answer.status_code != httpx.codes.OK:
            raise ShopApiRefused(because=_reason(answer))
        return answer

    def _sign(self, url: str) -> tuple[str, dict[str, str]]:
        """The address and headers of a signed request: Basic where the line is safe, else a one-legged signature."""
        key, secret = self._key.consumer_key.reveal(), self._key.consumer_secret.reveal()
        if self._origin.scheme == "https":
            return url, {"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode()}
        signed_url, headers, _ = Client(key, client_secret=secret, signature_method=SIGNATURE_HMAC_SHA256).sign(url)
        return signed_url, dict(headers)


async def fetch(
    url: str, proxy_url: str, sign: Callable[[str], tuple[str, dict[str, str]]] = lambda url: (url, {})
) -> httpx.Response:
    """One GET through this proxy, without redirects. Raises ShopApiUnreachable."""
    signed_url, headers = sign(url)
    try:
        async with httpx.AsyncClient(proxy=proxy_url, trust_env=False, timeout=ANSWERS_WITHIN) as client:
            answer = await client.get(signed_url, headers=headers)
    except httpx.HTTPError as error:
        raise ShopApiUnreachable(because=f"It broke off: {type(error).__name__}.") from None
    if len(answer.content) > LARGEST_ANSWER:
        raise ShopApiRefused(because="Its answer was too large.")
    return answer


def product_of(said: dict[str, Any], origin: Origin) -> Product:
    """A product of the REST API in our words; what a shop leaves out is left out."""
    images = said.get("images") or []
    return Product(
        remote_id=int(said["id"]),
        name=plain_text(said.get("name") or "") or f"Product {said['id']}",
        kind=str(said.get("type") or "simple")[:20],
        sku=said.get("sku") or None,
        price_hundredths=_hundredths(said.get("price")),
        stock_status=str(said.get("stock_status") or "instock")[:20],
        total_sales=int(said.get("total_sales") or 0),
        categories=tuple(plain_text(category.get("name") or "") for category in said.get("categories") or []),
        description=plain_text(said.get("short_description") or said.get("description") or ""),
        image_url=_address(images[0].get("src"), origin) if images else None,
        page_url=_address(said.get("permalink"), origin),
    )


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, without tags and entities."""
    words = _Words()
    words.feed(markup)
    words.close()
    return " ".join("".join(words.found).split())


class _Words(HTMLParser):
    """Collects text, and nothing of scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.found.append(" " if tag in {"br", "p", "li", "div"} else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"} and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _hundredths(price: object) -> int | None:
    try:
        return round(Decimal(str(price)) * 100) if price not in (None, "") else None
    except InvalidOperation:
        return None


def _address(said: object, origin: Origin) -> str | None:
    """An http(s) address, made absolute; anything else is left out."""
    if not isinstance(said, str) or not said:
        return None
    address = urljoin(f"{origin}/", said)
    return address if address.startswith(("http://", "https://")) else None


def _reason(answer: httpx.Response) -> str:
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = ""
    return f"It said {answer.status_code}: {plain_text(str(message))[:200] or 'no reason'}"
