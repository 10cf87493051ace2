"""pretix's REST API, as far as a token is proven by it and what is sold comes over: a token in the header."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from core.catalog.sync import Product
from core.integrations.calling import Answer, Method, ShopApiBusy, ShopApiRefused, asked_to_wait, fetch, reason, refusal
from core.integrations.pretix.rights import Right
from core.integrations.pretix.words import MARK
from core.integrations.reading import address_of, count_of, hundredths_of, objects_of, plain_text, text_of
from core.security.origin import Origin
from core.security.secret import Secret

ORGANIZERS = "/api/v1/organizers/"
A_PAGE = 50  # the most that pretix gives at once
SHOWS_THE_RIGHT: dict[int, bool] = {
    httpx.codes.FORBIDDEN: False,
    httpx.codes.OK: True,
    httpx.codes.BAD_REQUEST: True,
    httpx.codes.NOT_FOUND: True,
    httpx.codes.METHOD_NOT_ALLOWED: True,
}


@dataclass(frozen=True)
class Organizer:
    """Whose team a token is of."""

    name: str
    slug: str

    @property
    def path(self) -> str:
        """Where it is in the API."""
        return f"{ORGANIZERS}{quote(self.slug, safe='')}"


@dataclass(frozen=True)
class Event:
    """What tickets are sold for."""

    name: str
    path: str
    page_url: str | None


@dataclass(frozen=True)
class Listed:
    """One page of a list, whether there is another, and how many there are on all of them."""

    objects: list[dict[str, Any]]
    goes_on: bool
    total: int


class PretixApi:
    """Calls one pretix with one token, through the run's own way out."""

    def __init__(self, origin: Origin, token: Secret, proxy_url: str) -> None:
        self._origin = origin
        self._token = token
        self._proxy_url = proxy_url

    async def organizer(self) -> Organizer:
        """Whose token this is. Raises ShopApiRefused or ShopApiUnreachable."""
        listed = await self._list(ORGANIZERS)
        slugs = [slug for one in listed.objects if (slug := text_of(one.get("slug")))]
        if len(slugs) != 1 or len(listed.objects) != 1:
            raise ShopApiRefused(because=f"A token is of one organizer, and this one is of {len(slugs)}.")
        return Organizer(said_in_any(listed.objects[0].get("name")) or slugs[0], slugs[0])

    async def events(self, of: Organizer, number: int) -> tuple[tuple[Event, ...], Listed]:
        """The events of one page, and how the list goes on. Raises as `organizer`."""
        listed = await self._list(f"{of.path}/events/?page={number}&page_size={A_PAGE}&ordering=slug")
        return tuple(event_of(one, of, self._origin) for one in listed.objects if text_of(one.get("slug"))), listed

    async def products(self, of: Event, number: int) -> tuple[tuple[Product, ...], Listed]:
        """What is sold for an event, one page, and how the list goes on. Raises as `organizer`."""
        listed = await self._list(f"{of.path}/items/?page={number}&page_size={A_PAGE}&ordering=id")
        return tuple(product_of(one, of, self._origin) for one in listed.objects), listed

    async def has(self, right: Right, organizer: Organizer, event: Event) -> bool:
        """Whether the token has this right. Raises ShopApiRefused if that can't be seen, or ShopApiUnreachable."""
        answer = await self._ask(right.path.format(organizer=organizer.path, event=event.path), right.method)
        if answer.status == httpx.codes.NOT_FOUND and MARK in answer.content:
            return False  # an older pretix does not know this address at all
        # What stands in front of a pretix may say no as well, and shows nothing of what the token may do.
        if answer.status in SHOWS_THE_RIGHT and _is_json(answer):
            return SHOWS_THE_RIGHT[answer.status]
        because = f"Asked whether the token may {right.words}: {reason(answer)}"
        if isinstance(refusal(answer), ShopApiBusy):
            raise ShopApiBusy(because, asked_to_wait(answer.headers))
        raise ShopApiRefused(because=because)

    async def is_refused(self) -> bool:
        """Whether pretix knows this token no more. Raises ShopApiRefused if it says neither, or ShopApiUnreachable."""
        answer = await self._ask(ORGANIZERS)
        if answer.status not in {httpx.codes.OK, httpx.codes.UNAUTHORIZED} or not _is_json(answer):
            raise refusal(answer)
        return answer.status == httpx.codes.UNAUTHORIZED

    async def _list(self, path: str) -> Listed:
        answer = await self._ask(path)
        if answer.status != httpx.codes.OK:
            raise refusal(answer)
        try:
            said = answer.json()
            return Listed(objects_of(said["results"]), bool(said["next"]), int(said["count"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ShopApiRefused(because="It answered with something other than a list.") from error

    async def _ask(self, path: str, method: Method = "GET") -> Answer:
        return await fetch(f"{self._origin}{path}", self._proxy_url, self._sign, method=method)

    def _sign(self, url: str, method: Method) -> tuple[str, dict[str, str]]:
        return url, {"Authorization": f"Token {self._token.reveal()}"}


def said_in_any(said: object) -> str:
    """A text that pretix keeps in several languages: in English if it has that, else in the first that has words."""
    if isinstance(said, dict):
        texts = [said.get("en"), *said.values()]
        return next((text for one in texts if (text := plain_text(one))), "")
    return plain_text(said)


def event_of(said: dict[str, Any], of: Organizer, origin: Origin) -> Event:
    """An event of the REST API in our words."""
    slug = text_of(said["slug"])
    path = f"{of.path}/events/{quote(slug, safe='')}"
    return Event(said_in_any(said.get("name")) or slug, path, address_of(said.get("public_url"), origin))


def product_of(said: dict[str, Any], of: Event, origin: Origin) -> Product:
    """An item of the REST API in our words. Raises ShopApiRefused if it has no number to be known by."""
    number = count_of(said.get("id"))
    if not number:
        raise ShopApiRefused(because="It answered with something other than a list of products.")
    return Product(
        remote_id=number,
        name=f"{of.name}: {said_in_any(said.get('name')) or f'Product {number}'}",
        kind="ticket" if said.get("admission") is True else "product",
        price_hundredths=hundredths_of(said.get("default_price")),
        stock_status="instock" if said.get("active") is True else "outofstock",
        categories=(of.name,),
        description=said_in_any(said.get("description")),
        image_url=address_of(said.get("picture"), origin),
        page_url=of.page_url,
    )


def _is_json(answer: Answer) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False
