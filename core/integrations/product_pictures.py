"""Pictures of products, fetched by the server and made small: whoever looks at products asks no foreign host for anything.

A shop may tell any address as a picture's; so it is fetched as a shop is looked at, from public addresses only, and what comes is
a picture that was drawn anew, or a drawing that browsers show as a picture and nothing else. Small pictures stay in memory for
a while; nothing is stored.
"""

import asyncio
import io
import logging
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from PIL import Image, UnidentifiedImageError

from core.catalog.catalog import Catalog
from core.errors import CoreError
from core.integrations.looking import look
from core.security.addresses import AddressGuard
from core.security.origin import BadAddress, Origin
from core.security.people.visitor import Visitor

log = logging.getLogger(__name__)

SIDE = 96  # pixels; twice what a list shows, for screens with two of them in one
KEPT = 2000  # pictures of about 2 kB
AT_ONCE = 4  # fetched at the same time; a page of products asks for fifty
MOST_REDIRECTS = 3
LARGEST_DRAWING = 200_000  # bytes of an SVG
MOST_PIXELS = 50_000_000  # of a picture before it is made small; more is a bomb, or as good as one
QUALITY = 80  # of WebP


@dataclass(frozen=True)
class SmallPicture:
    """A picture as browsers get it."""

    content: bytes
    media_type: str


class ProductPictures:
    """The pictures of a customer's products."""

    def __init__(self, catalog: Catalog, guard: AddressGuard) -> None:
        self._catalog = catalog
        self._guard = guard
        self._kept: OrderedDict[str, SmallPicture | None] = OrderedDict()
        self._asked: dict[str, asyncio.Future[SmallPicture | None]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def of(self, visitor: Visitor, product_id: UUID) -> SmallPicture | None:
        """The picture of a product; None if it has none that can be had now. Raises NotAllowed or NotFound."""
        address = await self._catalog.picture_of(visitor, product_id)
        if address is None:
            return None
        if address in self._kept:
            self._kept.move_to_end(address)
            return self._kept[address]
        if address not in self._asked:
            self._asked[address] = asyncio.ensure_future(self._fetch(address))
        return await asyncio.shield(self._asked[address])

    async def _fetch(self, address: str) -> SmallPicture | None:
        try:
            async with self._at_once:
                found = await self._followed(address)
        except CoreError as error:
            log.info("a product's picture can't be had: %s", error.code)
            return None  # it may come the next time
        finally:
            del self._asked[address]
        self._kept[address] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    async def _followed(self, address: str) -> SmallPicture | None:
        for _ in range(MOST_REDIRECTS + 1):
            parts = urlsplit(address)
            try:
                origin = Origin.of(f"{parts.scheme}://{parts.netloc}")
            except BadAddress:
                return None
            query = f"?{parts.query}" if parts.query else ""
            answer = await look(origin, f"{parts.path or '/'}{query}", self._guard)
            if not answer.redirects_to:
                return await asyncio.to_thread(made_small, answer.content) if answer.status == 200 else None
            address = urljoin(address, answer.redirects_to)
        return None


def made_small(content: bytes) -> SmallPicture | None:
    """What was fetched as a small WebP; a drawing as it is. None if it is no picture."""
    if b"<svg" in content[:1000].lower() and len(content) <= LARGEST_DRAWING:
        return SmallPicture(content, "image/svg+xml")
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (SIDE, SIDE))
            small = image.convert("RGBA")
        small.thumbnail((SIDE, SIDE))
        written = io.BytesIO()
        small.save(written, "WEBP", quality=QUALITY)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    return SmallPicture(written.getvalue(), "image/webp")
