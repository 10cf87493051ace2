"""WooCommerce's REST API, as far as a setup needs it: OAuth 1.0a over http, Basic over https."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode, urljoin

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from core.catalog.sync import Product, ProductPage
from core.errors import CoreError
from core.security.origin import Origin
from core.security.secret import Secret

ANSWERS_WITHIN = 30.0  # seconds until it begins to answer, or goes on
ENDS_WITHIN = 60.0  # seconds until an answer is whole
LARGEST_ANSWER = 20 * 1024 * 1024  # bytes; a hundred products are about one mebibyte
HIGHEST_NUMBER = 2**63 - 1  # what a database's whole numbers hold
HIGHEST_PRICE = 10**13  # in the shop's currency; more is a mistake
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # what JSON can say and no database keeps
TAG = re.compile(
    r"""<(?:!--|(?:(?P<opens>[a-z][^\s/<>]*+)|[/!?])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|["'])*+>)""", re.IGNORECASE
)
SPACED = frozenset({"br", "p", "li", "div", "td", "th", "tr"})
COMMENT_ENDS = re.compile("-->")
SILENT_ENDS = {name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE) for name in ("script", "style")}
NOBODY_ANSWERS = frozenset({httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT})


class ShopApiRefused(CoreError):
    """The shop's API refused this."""

    code: ClassVar[str] = "api_refused"


class ShopApiUnreachable(CoreError):
    """The shop's API did not answer."""

    code: ClassVar[str] = "api_unreachable"
    retry: ClassVar[bool] = True


class BadCertificate(ShopApiUnreachable):
    """Nobody vouches for the shop's certificate."""

    code: ClassVar[str] = "bad_certificate"
    retry: ClassVar[bool] = False


@dataclass(frozen=True)
class ApiKey:
    """A key pair as WooCommerce makes it."""

    consumer_key: Secret
    consumer_secret: Secret

    @property
    def hint(self) -> str:
        """The last seven characters of the consumer key, as WooCommerce itself lists it."""
        return self.consumer_key.reveal()[-7:]

    @property
    def masked(self) -> str:
        """The key as it may be shown."""
        return f"ck_…{self.hint}"

    @property
    def pair(self) -> tuple[Secret, Secret]:
        """Consumer key and consumer secret."""
        return self.consumer_key, self.consumer_secret


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

    async def can_write(self) -> bool:
        """Whether the key may change something: asked by a change to product 0, which no shop has. Raises as `page`."""
        url = f"{self._origin}/wp-json/wc/v3/products/0"
        answer = await fetch(url, self._proxy_url, self._sign, method="PUT")
        return answer.status not in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}

    async def _get(self, path: str, query: Mapping[str, str]) -> "Answer":
        url = f"{self._origin}{path}?{urlencode(query)}"
        answer = await fetch(url, self._proxy_url, self._sign)
        if answer.status != httpx.codes.OK:
            raise ShopApiRefused(because=_reason(answer))
        return answer

    def _sign(self, url: str, method: "Method") -> tuple[str, dict[str, str]]:
        """The address and headers of a signed request: Basic where the line is safe, else a one-legged signature."""
        key, secret = self._key.consumer_key.reveal(), self._key.consumer_secret.reveal()
        if self._origin.scheme == "https":
            return url, {"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode()}
        signed_url, headers, _ = Client(key, client_secret=secret, signature_method=SIGNATURE_HMAC_SHA256).sign(
            url, method
        )
        return signed_url, dict(headers)


@dataclass(frozen=True)
class Answer:
    """What was answered, whole."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def redirects_to(self) -> str | None:
        """The address it sends us to instead, if it does."""
        return self.headers.get("location") if 300 <= self.status < 400 else None

    def json(self) -> Any:
        """What the content says. Raises ValueError if it is no JSON."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


Method = Literal["GET", "PUT"]
Sign = Callable[[str, Method], tuple[str, dict[str, str]]]  # address and method to signed address and headers


async def fetch(
    url: str, proxy_url: str, sign: Sign = lambda url, method: (url, {}), *, method: Method = "GET"
) -> Answer:
    """One request through this proxy, without redirects. Raises ShopApiUnreachable, or ShopApiRefused if too large."""
    signed_url, headers = sign(url, method)
    try:
        async with (
            asyncio.timeout(ENDS_WITHIN),
            httpx.AsyncClient(proxy=proxy_url, trust_env=False, timeout=ANSWERS_WITHIN) as client,
            client.stream(method, signed_url, headers=headers) as answer,
        ):
            content = await _whole(answer)
    except (httpx.HTTPError, TimeoutError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise BadCertificate(because="It is wrong, or has expired; a browser would warn, too.") from None
        raise ShopApiUnreachable(because=f"It broke off: {type(error).__name__}.") from None
    if answer.status_code in NOBODY_ANSWERS:
        raise ShopApiUnreachable(because=f"It said {answer.status_code}.")
    return Answer(answer.status_code, answer.headers, content)


async def _whole(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise ShopApiRefused(because="Its answer was too large.")
    return bytes(content)


def product_of(said: dict[str, Any], origin: Origin) -> Product:
    """A product of the REST API in our words; what a shop leaves out, or says in no usable way, is left out.

    Raises KeyError, TypeError or ValueError if it has no number to be known by.
    """
    number = _count(said["id"])
    if not number:
        raise ValueError("that is no product's number")
    images = _objects(said.get("images"))
    return Product(
        remote_id=number,
        name=plain_text(said.get("name")) or f"Product {number}",
        kind=_words(said.get("type"))[:20] or "simple",
        sku=_words(said.get("sku")) or None,
        price_hundredths=_hundredths(said.get("price")),
        stock_status=_words(said.get("stock_status"))[:20] or "instock",
        total_sales=_count(said.get("total_sales")),
        categories=tuple(plain_text(category.get("name")) for category in _objects(said.get("categories"))),
        description=plain_text(said.get("short_description")) or plain_text(said.get("description")),
        image_url=_address(images[0].get("src"), origin) if images else None,
        page_url=_address(said.get("permalink"), origin),
    )


def plain_text(markup: object) -> str:
    """The words of a piece of HTML, without tags, scripts and entities; nothing of what is no text.

    One pass, however it is written: the standard library's parser takes seconds for what was made to hold it up.
    """
    text, found, at = _words(markup), list[str](), 0
    while tag := TAG.search(text, at):
        found.append(text[at : tag.start()])
        name = (tag["opens"] or "").lower()
        found.append(" " if name in SPACED else "")
        at = tag.end()
        if end := COMMENT_ENDS if tag[0] == "<!--" else SILENT_ENDS.get(name):
            closing = end.search(text, at)
            at = closing.end() if closing else len(text)
    found.append(text[at:])
    return " ".join(unescape("".join(found)).split())


def _words(said: object) -> str:
    """A text that can be stored; a number as its digits, and nothing of anything else."""
    return UNSTORABLE.sub("", str(said)) if isinstance(said, str | int) and not isinstance(said, bool) else ""


def _objects(said: object) -> list[dict[str, Any]]:
    """The objects of a list; of anything else, none."""
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _count(said: Any) -> int:
    """A whole number above 0 that can be stored, or 0."""
    try:
        count = int(said or 0)
    except (ValueError, TypeError, OverflowError):
        return 0
    return count if 0 < count <= HIGHEST_NUMBER else 0


def _hundredths(price: object) -> int | None:
    try:
        value = Decimal(str(price)) if price not in (None, "") else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or abs(value) > HIGHEST_PRICE:
        return None
    return round(value * 100)


def _address(said: object, origin: Origin) -> str | None:
    """An http(s) address, made absolute; anything else is left out."""
    if not (isinstance(said, str) and said):
        return None
    try:
        address = urljoin(f"{origin}/", _words(said))
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) else None


def _reason(answer: Answer) -> str:
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = ""
    return f"It said {answer.status}: {plain_text(message)[:200] or 'no reason'}"
