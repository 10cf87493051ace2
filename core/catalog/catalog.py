"""What a customer's shops hold: the connections, and answers to questions about the products."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func
from sqlmodel import col, select

from core.catalog.question import Order, Question, Stock, read_question
from core.database.product_search import has_words, wanted_words
from core.database.search_words import phrases
from core.database.session import CustomerSession, Database
from core.database.tables import ConnectionRow, ProductRow
from core.errors import NotFound
from core.security.people.authorize import Action, authorize
from core.security.people.people import Visitor

LONGEST_QUESTION = 300  # characters
MOST_ANSWERS = 100  # products in one answer
MOST_WORDS = 12  # that are looked for; each may be looked for by itself, too


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

    id: UUID
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

    async def picture_of(self, visitor: Visitor, product_id: UUID) -> str | None:
        """Where a product's picture is, as its shop tells it. Raises NotAllowed or NotFound."""
        authorize(visitor, Action.WATCH)

        def address(session: CustomerSession) -> str | None:
            row = session.get(ProductRow, (session.customer_id, product_id))
            if row is None:
                raise NotFound(because="There is no such product.")
            return row.image_url

        return await self._database.read(visitor.customer_id, address)

    async def search(self, visitor: Visitor, question: str, limit: int = 20, skip: int = 0) -> Answer:
        """The products that fit a question in plain words, such as "Show me your best sellers". Raises NotAllowed.

        `skip` is how many of those that fit come before.
        """
        authorize(visitor, Action.WATCH)
        asked = question.strip()[:LONGEST_QUESTION]
        return await self._database.read(visitor.customer_id, partial(_answer, asked, limit, skip))


def _answer(asked: str, limit: int, skip: int, session: CustomerSession) -> Answer:
    """What fits; if nothing does, what fits without those words that no product has."""
    read, dropped = read_question(asked), ""
    read = replace(read, words=tuple(dict.fromkeys(read.words))[:MOST_WORDS])
    products, total = _found(session, read, limit, skip)
    if not total and len(read.words) > 1:
        known = tuple(word for word in read.words if _is_known(session, word))
        if known and known != read.words:
            dropped = " and ".join(f"“{word}”" for word in read.words if word not in known)
            read = replace(read, words=known)
            products, total = _found(session, read, limit, skip)
    understood = f"{read.understood}; nothing has {dropped}" if dropped else read.understood
    return Answer(asked, understood, products, total)


def _found(session: CustomerSession, read: Question, limit: int, skip: int = 0) -> tuple[tuple[ProductView, ...], int]:
    """The first products that fit, and how many do."""
    conditions = [*_conditions(read), *_words(session, read)]
    total = session.exec(select(func.count()).select_from(ProductRow).where(*conditions)).one()
    most = max(0, min(limit, MOST_ANSWERS, min(total, read.first or total) - skip))
    fitting = select(ProductRow).where(*conditions).order_by(*_order(read)).limit(most).offset(skip)
    rows = session.exec(fitting).all() if most else ()
    return tuple(_view(row) for row in rows), min(total, read.first or total)


def _is_known(session: CustomerSession, word: str) -> bool:
    """Whether any product has it; how many do is not counted."""
    any_of_them = select(col(ProductRow.id)).where(*_words(session, Question(words=(word,)))).limit(1)
    return session.exec(any_of_them).first() is not None


def _conditions(read: Question) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if read.at_most is not None:
        conditions.append(col(ProductRow.price_hundredths) <= read.at_most)
    if read.at_least is not None:
        conditions.append(col(ProductRow.price_hundredths) >= read.at_least)
    if read.stock is not None:
        conditions.append(_in(read.stock, col(ProductRow.stock_status)))
    return conditions


def _in(stock: Stock, status: Any) -> ColumnElement[bool]:
    """Who asks what is out of stock wants to know of what is on back-order, too: neither can be taken home."""
    known: dict[Stock, ColumnElement[bool]] = {
        Stock.IN: status == "instock",
        Stock.OUT: status != "instock",
        Stock.BACKORDER: status == "onbackorder",
    }
    return known[stock]


def _words(session: CustomerSession, read: Question) -> list[ColumnElement[bool]]:
    wished, customer_id = phrases(read.words), session.customer_id
    if not wished or customer_id is None:  # which is nobody's in a customer's own session
        return []
    wanted = wanted_words(session.get_bind().dialect.name, customer_id, wished)
    return [has_words(col(ProductRow.search_id), wanted)]


def _order(read: Question) -> tuple[ColumnElement[Any], ...]:
    """As it was wished; else those first that have the words in their name."""
    price, name = col(ProductRow.price_hundredths), col(ProductRow.name)
    in_name = [name.icontains(" ".join(one), autoescape=True) for one in phrases(read.words)]
    by: dict[Order, tuple[ColumnElement[Any], ...]] = {
        Order.SALES: (col(ProductRow.total_sales).desc(),),
        Order.LEAST_SOLD: (col(ProductRow.total_sales).asc(),),
        Order.CHEAPEST: (price.is_(None), price.asc()),
        Order.DEAREST: (price.is_(None), price.desc()),
        Order.NAME: (case((and_(*in_name), 0), else_=1),) if in_name else (),
    }
    return (*by[read.order], func.lower(ProductRow.name), col(ProductRow.remote_id).asc())


def _view(row: ProductRow) -> ProductView:
    return ProductView(
        id=row.id,
        name=row.name,
        sku=row.sku,
        price_hundredths=row.price_hundredths,
        stock_status=row.stock_status,
        total_sales=row.total_sales,
        categories=tuple(row.categories),
        image_url=row.image_url,
        page_url=row.page_url,
    )
