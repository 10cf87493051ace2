"""All that an organizer sells, over all events that a token may see, in pages as the catalog wants them."""

from core.catalog.sync import MOST_PAGES, Product, ProductPage
from core.integrations.pretix.api import Event, Organizer, PretixApi


async def events_of(api: PretixApi, organizer: Organizer) -> tuple[Event, ...]:
    """Every event that the token may see. Raises ShopApiRefused or ShopApiUnreachable."""
    found: list[Event] = []
    for number in range(1, MOST_PAGES + 1):
        events, listed = await api.events(organizer, number)
        found += events
        if not listed.goes_on:
            break
    return tuple(found)


class TicketCatalog:
    """The products of some events. pretix has a list for each of them; they are read once, and told as one."""

    def __init__(self, api: PretixApi, events: tuple[Event, ...]) -> None:
        self._api = api
        self._events = events
        self._products: list[Product] | None = None
        self._total = 0

    async def page(self, number: int, size: int) -> ProductPage:
        """One page of them all. Raises ShopApiRefused or ShopApiUnreachable."""
        if self._products is None:
            self._products = [product for event in self._events for product in await self._of(event)]
        first = (number - 1) * size
        return ProductPage(tuple(self._products[first : first + size]), self._total)

    async def _of(self, event: Event) -> list[Product]:
        found: list[Product] = []
        total = 0
        for number in range(1, MOST_PAGES + 1):
            products, listed = await self._api.products(event, number)
            found += products
            total = listed.total
            if not listed.goes_on:
                break
        self._total += total
        return found
