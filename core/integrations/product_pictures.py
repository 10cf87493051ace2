"""Pictures of products, fetched by the server and made small: whoever looks at products asks no foreign host for anything.

A shop may tell any address as a picture's; so it is fetched as a shop is looked at, from public addresses only, and what comes is
a picture that was drawn anew, or a drawing that browsers show as a picture and nothing else. Small pictures stay in memory for
a while; nothing is stored.

A slow shop holds up nobody else: nobody waits for its pictures for longer than a moment, each has a time of its own, and no host
and no customer has all the places. What comes later is there for whoever looks next.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from uuid import UUID
from weakref import WeakValueDictionary

import httpx

from core.catalog.catalog import Catalog
from core.errors import CoreError
from core.integrations.calling import Answer
from core.integrations.kept_pictures import KeptPictures
from core.integrations.looking import look
from core.integrations.small_pictures import SmallPicture, made_small
from core.security.addresses import AddressGuard
from core.security.origin import BadAddress, Origin
from core.security.people.visitor import Visitor

log = logging.getLogger(__name__)

SHOWN_WITHIN = 1.0  # seconds that a page waits for one: a browser asks a server for six things at once, and for no more
BEGINS_WITHIN = 10.0  # seconds in the queue; whoever wanted it has long been told that there is none
WHOLE_WITHIN = 5.0  # seconds of fetching, all redirects together
AT_ONCE = 12  # fetched at the same time; a page of products asks for fifty
OF_ONE = 3  # of those, from one host; and as many more for one customer, whose shop may name as many hosts as it likes
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2000  # characters
NONE_THERE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


@dataclass(frozen=True)
class Found:
    """What came of an address; whether it will be the same the next time."""

    picture: SmallPicture | None
    certain: bool = True


NOTHING = Found(None)
NOT_NOW = Found(None, certain=False)


class ProductPictures:
    """The pictures of a customer's products."""

    def __init__(self, catalog: Catalog, guard: AddressGuard) -> None:
        self._catalog = catalog
        self._guard = guard
        self._kept = KeptPictures()
        self._asked: dict[str, asyncio.Task[SmallPicture | None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()  # while anybody has one
        self._drawing = asyncio.Lock()  # one at a time: each takes as much memory as its shop likes, within bounds

    async def of(self, visitor: Visitor, product_id: UUID) -> SmallPicture | None:
        """The picture of a product; None if it has none that can be had at once. Raises NotAllowed or NotFound."""
        address = await self._catalog.picture_of(visitor, product_id)
        if address is None or len(address) > LONGEST_ADDRESS:
            return None
        if known := self._kept.of(address):
            return known.picture
        if address not in self._asked:
            self._asked[address] = asyncio.get_running_loop().create_task(self._fetch(address, visitor.customer_id))
        fetching = self._asked[address]
        done, _ = await asyncio.wait({fetching}, timeout=SHOWN_WITHIN)
        return fetching.result() if done else None

    async def _fetch(self, address: str, customer_id: UUID) -> SmallPicture | None:
        """What is there, kept if it is certain; what is not may come the next time."""
        try:
            found = await self._in_turn(address, customer_id)
        except (CoreError, TimeoutError) as error:
            log.info("a product's picture can't be had: %s", getattr(error, "code", "too slow"))
            return None
        finally:
            del self._asked[address]
        if found.certain:
            self._kept.keep(address, found.picture)
        return found.picture

    async def _in_turn(self, address: str, customer_id: UUID) -> Found:
        """Its place is held until it is drawn, so that no more of what was fetched waits in memory."""
        async with AsyncExitStack() as places:
            async with asyncio.timeout(BEGINS_WITHIN):
                for place in (self._share(str(customer_id)), self._share(_host(address)), self._places):
                    await places.enter_async_context(place)
            async with asyncio.timeout(WHOLE_WITHIN):
                answer = await self._followed(address)
            if answer is None or answer.status in NONE_THERE:
                return NOTHING
            if answer.status != httpx.codes.OK:
                return NOT_NOW
            async with self._drawing:
                return Found(await asyncio.to_thread(made_small, answer.content))

    def _share(self, whose: str) -> asyncio.Semaphore:
        return self._shares.setdefault(whose, asyncio.Semaphore(OF_ONE))

    async def _followed(self, address: str) -> Answer | None:
        """What is answered in the end; None if that is no address, or leads round and round."""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                parts = urlsplit(address)
                origin = Origin.of(f"{parts.scheme}://{parts.netloc}")
            except (ValueError, BadAddress):
                return None
            query = f"?{parts.query}" if parts.query else ""
            answer = await look(origin, f"{parts.path or '/'}{query}", self._guard)
            if not answer.redirects_to:
                return answer
            try:
                address = urljoin(address, answer.redirects_to)
            except ValueError:  # brackets that hold no IPv6 address
                return None
        return None


def _host(address: str) -> str:
    """Whose places it takes, whatever it leads to; no address takes those of all that are none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
