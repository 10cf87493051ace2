"""What a customer's shops hold: the connections, and answers to questions about the products."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from core.catalog.question import Order, Question, read_question
from core.database.session import CustomerSession, Database
from core.database.tables import ConnectionRow, ProductRow
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

LONGEST_QUESTION = 300  # characters
MOST_ANSWERS = 100  # products in one answer


@dataclass(frozen=True)
class ConnectionView:
    """A connected shop; of its key, the last characters."""

    id: UUID
    service: str
    store_url: str
    key_hint: str
    key_permission: str
    created_at: datetime
    synced_at: datetime | None
    product_count: int


@dataclass(frozen=True)
class ProductView:
    """A product as it is shown. The price is in hundredths of the shop's currency."""

    name: str
    sku: str | None
    price_hundredths: int | None
    stock_status: str
    total_sales: int
    categories: tuple[str, ...]
    image_url: str | None
    page_url: str | None


@dataclass(frozen=True)
class Answer:
    """The products that fit a question, how the question was read, and how many fit in all."""

    question: str
    understood: str
    products: tuple[ProductView, ...]
    total: int


class Catalog:
    """Reads connections and products."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def connections(self, visitor: Visitor) -> tuple[ConnectionView, ...]:
        """The customer's connected shops, the newest first. Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        proven = select(ConnectionRow).where(col(ConnectionRow.key_hint) != "")
        newest = proven.order_by(col(ConnectionRow.created_at).desc())
        rows = await self._database.read(visitor.customer_id, lambda session: session.exec(newest).all())
        return tuple(
            ConnectionView(
                id=row.id,
                service=row.service,
                store_url=row.store_origin,
                key_hint=row.key_hint,
                key_permission=row.key_permission,
                created_at=row.created_at,
                synced_at=row.synced_at,
                product_count=row.product_count,
            )
            for row in rows
        )

    async def search(self, visitor: Visitor, question: str, limit: int = 20) -> Answer:
        """The products that fit a question in plain words, such as "Show me your best sellers". Raises NotAllowed."""
        authorize(visitor, Action.WATCH)
        asked = question.strip()[:LONGEST_QUESTION]
        read = read_question(asked)

        def find(session: CustomerSession) -> tuple[tuple[ProductView, ...], int]:
            fitting = select(ProductRow).where(*_conditions(read))
            total = session.exec(select(func.count()).select_from(ProductRow).where(*_conditions(read))).one()
            rows = session.exec(fitting.order_by(*_order(read.order)).limit(min(limit, MOST_ANSWERS))).all()
            return tuple(_view(row) for row in rows), total

        products, total = await self._database.read(visitor.customer_id, find)
        return Answer(asked, read.understood, products, total)


def _conditions(read: Question) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if read.at_most is not None:
        conditions.append(col(ProductRow.price_hundredths) <= read.at_most)
    if read.at_least is not None:
        conditions.append(col(ProductRow.price_hundredths) >= read.at_least)
    if read.in_stock is not None:
        in_stock = col(ProductRow.stock_status) == "instock"
        conditions.append(in_stock if read.in_stock else ~in_stock)
    for word in read.words:
        columns = (ProductRow.name, ProductRow.sku, ProductRow.description)
        spellings = _spellings(_singular(word))
        conditions.append(or_(*(col(c).icontains(s, autoescape=True) for c in columns for s in spellings)))
    return conditions


def _spellings(word: str) -> set[str]:
    """SQLite knows small and capital letters of ASCII alone; of other words, these are the likely ways to write them."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}


def _singular(word: str) -> str:
    """So that “teapots” finds the teapot."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _order(order: Order) -> tuple[ColumnElement[Any], ...]:
    price = col(ProductRow.price_hundredths)
    by: dict[Order, tuple[ColumnElement[Any], ...]] = {
        Order.SALES: (col(ProductRow.total_sales).desc(),),
        Order.CHEAPEST: (price.is_(None), price.asc()),
        Order.DEAREST: (price.is_(None), price.desc()),
        Order.NAME: (),
    }
    return (*by[order], func.lower(ProductRow.name), col(ProductRow.remote_id).asc())


def _view(row: ProductRow) -> ProductView:
    return ProductView(
        name=row.name,
        sku=row.sku,
        price_hundredths=row.price_hundredths,
        stock_status=row.stock_status,
        total_sales=row.total_sales,
        categories=tuple(row.categories),
        image_url=row.image_url,
        page_url=row.page_url,
    )
