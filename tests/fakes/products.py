"""A shop that gives its products in pages, and may be wrong about how many it has."""

from collections.abc import Iterable

from core.catalog.sync import Product, ProductPage
from core.errors import CoreError


class FakeShop:
    """A ProductSource over a list. `asked` are the pages asked for; from `breaks_at` on, it gives none."""

    def __init__(self, products: Iterable[Product], says: int | None = None) -> None:
        self.products = list(products)
        self.says = says
        self.asked: list[tuple[int, int]] = []
        self.breaks_at: int | None = None

    async def page(self, number: int, size: int) -> ProductPage:
        self.asked.append((number, size))
        if self.breaks_at is not None and number >= self.breaks_at:
            raise CoreError(because="The line is dead.")
        first = (number - 1) * size
        total = len(self.products) if self.says is None else self.says
        return ProductPage(tuple(self.products[first : first + size]), total)
