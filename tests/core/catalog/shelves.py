"""A customer with a connected shop, and what is on its shelf."""

from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from sqlmodel import col, select

from core.catalog.sync import NewConnection, Product, ProductShelf
from core.database.session import Database
from core.database.states import OperationStatus
from core.database.tables import ConnectionRow, ProductRow
from core.security.origin import Origin
from core.security.people.people import Visitor
from tests.core.database.rows import Company, company, operation
from tests.fakes.clock import MovedClock
from tests.fakes.products import FakeShop

TEA, POTS = Origin.of("https://tea.example"), Origin.of("https://pots.example")


def numbered(*ids: int) -> list[Product]:
    """Products that differ in their number only."""
    return [Product(remote_id=number, name=f"Tea {number}") for number in ids]


@dataclass
class Keeper:
    """Somebody whose shops are connected and filled."""

    database: Database
    clock: MovedClock
    company: Company
    operation_id: UUID = field(default_factory=uuid4)

    @classmethod
    async def of(cls, database: Database, clock: MovedClock, name: str) -> "Keeper":
        return cls(database, clock, await company(database, name))

    @property
    def visitor(self) -> Visitor:
        return Visitor(self.company.id, self.company.user_id, "owner@tea.example")

    @property
    def shelf(self) -> ProductShelf:
        return ProductShelf(partial(self.database.run, self.company.id), self.company.id, self.operation_id, self.clock)

    async def connect(self, shop: Origin = TEA, key: str = "1234567", permission: str = "read") -> UUID:
        """A new operation connects this shop; the operation's id."""
        row = operation(self.company, uuid4(), shop=shop.host)
        row.status = OperationStatus.COMPLETED
        new = NewConnection("woocommerce", shop, row.id, key, permission)
        await self.database.run(self.company.id, lambda session: session.add(row))
        await self.database.run(self.company.id, lambda session: self.shelf.connect(session, new))
        self.operation_id = new.operation_id
        return new.operation_id

    async def fill(self, products: list[Product] | FakeShop, shop: Origin = TEA) -> int:
        source = products if isinstance(products, FakeShop) else FakeShop(products)
        return await self.shelf.fill("woocommerce", shop, source)

    async def has(self, shop: Origin = TEA) -> list[ProductRow]:
        """What is on the shelf, by its number in the shop."""
        connection = await self.connection(shop)
        of_shop = select(ProductRow).where(col(ProductRow.connection_id) == connection.id)
        in_order = of_shop.order_by(col(ProductRow.remote_id))
        return list(await self.database.read(self.company.id, lambda session: session.exec(in_order).all()))

    async def connection(self, shop: Origin = TEA) -> ConnectionRow:
        of_shop = select(ConnectionRow).where(col(ConnectionRow.store_origin) == str(shop))
        return await self.database.read(self.company.id, lambda session: session.exec(of_shop).one())
