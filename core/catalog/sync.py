"""Brings a shop's products over: page by page, each page one transaction, counted against what the shop says it has."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol, TypeVar
from uuid import UUID

from sqlmodel import col, delete, func, select

from core.clock import Clock
from core.database.search_words import folded
from core.database.session import CustomerSession
from core.database.tables import ConnectionRow, OperationRow, ProductRow
from core.errors import CoreError, NotFound
from core.security.audit import audit_log
from core.security.audit.audit_log import AuditAction, AuditEvent
from core.security.origin import Origin

T = TypeVar("T")

PRODUCTS_A_PAGE = 100  # the most that WooCommerce gives at once
MOST_PAGES = 1000  # a shop that never ends is not a shop
GONE_AT_ONCE = 400  # numbers in one statement; databases take some tens of thousands, the smallest SQLite 999


class CountDiffers(CoreError):
    """The shop gave another number of products than it says it has."""

    code: ClassVar[str] = "count_differs"
    retry: ClassVar[bool] = True


@dataclass(frozen=True)
class Product:
    """A product as a shop tells it. The price is in hundredths of the shop's currency."""

    remote_id: int
    name: str
    kind: str = "simple"
    sku: str | None = None
    price_hundredths: int | None = None
    stock_status: str = "instock"
    total_sales: int = 0
    categories: tuple[str, ...] = ()
    description: str = ""
    image_url: str | None = None
    page_url: str | None = None

    @property
    def search_text(self) -> str:
        """The words it is found by."""
        return folded(" ".join([self.name, self.sku or "", *self.categories, self.description]))


@dataclass(frozen=True)
class ProductPage:
    """One page of products, and how many the shop has in all."""

    products: tuple[Product, ...]
    total: int


class ProductSource(Protocol):
    """A shop's products, in pages that begin with 1."""

    async def page(self, number: int, size: int) -> ProductPage:
        """The products of one page. Raises a CoreError if the shop does not give them."""
        ...


@dataclass(frozen=True)
class NewConnection:
    """A shop that was just connected."""

    service: str
    origin: Origin
    operation_id: UUID
    key_hint: str
    key_permission: str


@dataclass(frozen=True)
class MadeWith:
    """What the key in use was allowed when it was made, and what it could do, in a word of the service."""

    permissions: frozenset[str]
    key_permission: str


class Write(Protocol):
    """Runs a use case in one transaction of the run, unless the run has lost its operation."""

    async def __call__(self, use_case: Callable[[CustomerSession], T]) -> T:
        """What the use case gives. Raises what says that the operation is somebody else's now."""
        ...


class ProductShelf:
    """One customer's products of one shop."""

    def __init__(self, write: Write, customer_id: UUID, operation_id: UUID, clock: Clock) -> None:
        self._write = write
        self._customer_id = customer_id
        self._operation_id = operation_id
        self._clock = clock

    async def reserve(self, new: NewConnection) -> None:
        """Make room for the shop's products: a connection without a key, unless the shop is connected already."""
        await self._write(partial(self._reserve, new))

    def connect(self, session: CustomerSession, new: NewConnection) -> None:
        """Give the connection its proven key, in the transaction that seals it; the key before is to be revoked."""
        now = self._clock.now()
        row = self._reserve(new, session)
        if row.key_hint and row.operation_id != new.operation_id:
            row.superseded = [*row.superseded, str(row.operation_id)]
        row.operation_id, row.created_at, row.tested_at = new.operation_id, now, now
        row.key_hint, row.key_permission = new.key_hint, new.key_permission
        row.trouble = row.trouble_since = None
        session.add(row)
        detail = {"shop": str(new.origin), "key": new.key_hint, "permission": new.key_permission}
        event = AuditEvent(AuditAction.CONNECTION_SAVED, "agent", new.operation_id, detail)
        audit_log.record(session, self._customer_id, event, at=now)

    async def count(self, service: str, origin: Origin) -> int:
        """How many products of the shop came over the last time."""
        return await self._write(lambda session: self._connected(session, service, origin).product_count)

    async def made_by(self, service: str, origin: Origin) -> UUID | None:
        """The operation that made the key in use, if there is one."""

        def of(session: CustomerSession) -> UUID | None:
            row = connection_of(session, service, origin)
            return row.operation_id if row and row.key_hint else None

        return await self._write(of)

    async def made_with(self, service: str, origin: Origin) -> MadeWith | None:
        """How wide the key in use may be, if there is one."""

        def of(session: CustomerSession) -> MadeWith | None:
            row = connection_of(session, service, origin)
            made = row and row.key_hint and session.get(OperationRow, (self._customer_id, row.operation_id))
            return MadeWith(frozenset(made.permissions), row.key_permission) if row and made else None

        return await self._write(of)

    async def told_of_key(self, service: str, origin: Origin, trouble: str | None) -> None:
        """Write down what is wrong with the key in use, or that nothing is; that it has changed is recorded."""
        await self._write(partial(self._told_of_key, service, origin, trouble))

    def disconnect(self, session: CustomerSession, service: str, origin: Origin) -> None:
        """Forget a connection whose key is revoked, and its products, as part of a transaction."""
        row = self._connected(session, service, origin)
        detail: dict[str, str | int | bool | None] = {
            "shop": str(origin),
            "key": row.key_hint,
            "products": delete_connection(session, row),
            "because": "its key was revoked",
        }
        event = AuditEvent(AuditAction.CONNECTION_FORGOTTEN, "agent", self._operation_id, detail)
        audit_log.record(session, self._customer_id, event, at=self._clock.now())

    async def superseded(self, service: str, origin: Origin) -> tuple[UUID, ...]:
        """The operations whose keys are still to be revoked at the shop."""
        rows = await self._write(lambda session: self._connected(session, service, origin).superseded)
        return tuple(UUID(one) for one in rows)

    async def revoked(self, service: str, origin: Origin, operation_id: UUID) -> None:
        """The key of this operation is at the shop no more."""

        def forget(session: CustomerSession) -> None:
            row = self._connected(session, service, origin)
            row.superseded = [one for one in row.superseded if one != str(operation_id)]
            session.add(row)

        await self._write(forget)

    async def fill(self, service: str, origin: Origin, source: ProductSource) -> int:
        """Bring all products over; those the shop no longer has go. Raises CountDiffers if the shop's numbers do not fit."""
        seen: set[int] = set()
        total = 0
        for number in range(1, MOST_PAGES + 1):
            page = await source.page(number, PRODUCTS_A_PAGE)
            total = page.total
            products = {product.remote_id: product for product in page.products}
            brought = len(products.keys() - seen)
            seen |= products.keys()
            await self._write(partial(self._upsert, service, origin, products))
            if len(seen) >= total or not brought:
                break
        if len(seen) != total:
            raise CountDiffers(because=f"It says {total} and gave {len(seen)}.")
        await self._write(partial(self._finish, service, origin, seen))
        return total

    def _reserve(self, new: NewConnection, session: CustomerSession) -> ConnectionRow:
        row = connection_of(session, new.service, new.origin)
        if row is None:
            row = ConnectionRow(
                customer_id=self._customer_id,
                operation_id=new.operation_id,
                service=new.service,
                store_origin=str(new.origin),
                key_hint="",
                key_permission="",
                created_at=self._clock.now(),
            )
            session.add(row)
        return row

    def _told_of_key(self, service: str, origin: Origin, trouble: str | None, session: CustomerSession) -> None:
        row, now = self._connected(session, service, origin), self._clock.now()
        before, row.trouble, row.tested_at = row.trouble, trouble, now
        if trouble != before:
            row.trouble_since = now if trouble else None
            action = AuditAction.CONNECTION_BROKEN if trouble else AuditAction.CONNECTION_WORKS
            detail = {"shop": row.store_origin, "key": row.key_hint, "because": trouble or ""}
            audit_log.record(
                session, self._customer_id, AuditEvent(action, "agent", self._operation_id, detail), at=now
            )
        session.add(row)

    def _upsert(self, service: str, origin: Origin, products: dict[int, Product], session: CustomerSession) -> None:
        connection = self._connected(session, service, origin)
        known = select(ProductRow).where(
            col(ProductRow.connection_id) == connection.id, col(ProductRow.remote_id).in_(products)
        )
        rows = {row.remote_id: row for row in session.exec(known)}
        now = self._clock.now()
        for product in products.values():
            row = rows.get(product.remote_id) or ProductRow(
                customer_id=self._customer_id,
                connection_id=connection.id,
                remote_id=product.remote_id,
                name=product.name,
                synced_at=now,
            )
            told = {"categories": list(product.categories), "search_text": product.search_text, "synced_at": now}
            row.sqlmodel_update(vars(product) | told)
            session.add(row)

    def _finish(self, service: str, origin: Origin, seen: set[int], session: CustomerSession) -> None:
        connection = self._connected(session, service, origin)
        self._remove_all_but(seen, connection, session)
        now = self._clock.now()
        connection.product_count, connection.synced_at = len(seen), now
        session.add(connection)
        event = AuditEvent(AuditAction.PRODUCTS_SYNCED, "agent", self._operation_id, {"products": len(seen)})
        audit_log.record(session, self._customer_id, event, at=now)

    def _remove_all_but(self, seen: set[int], connection: ConnectionRow, session: CustomerSession) -> None:
        of_shop = col(ProductRow.connection_id) == connection.id
        gone = sorted(set(session.exec(select(ProductRow.remote_id).where(of_shop))) - seen)
        for first in range(0, len(gone), GONE_AT_ONCE):
            some = col(ProductRow.remote_id).in_(gone[first : first + GONE_AT_ONCE])
            session.execute(delete(ProductRow).where(of_shop, some))

    def _connected(self, session: CustomerSession, service: str, origin: Origin) -> ConnectionRow:
        row = connection_of(session, service, origin)
        if row is None:
            raise NotFound(because="This shop is not connected.")
        return row


def connection_of(session: CustomerSession, service: str, origin: Origin) -> ConnectionRow | None:
    """The customer's connection to a shop, with or without a key."""
    same_shop = select(ConnectionRow).where(
        col(ConnectionRow.service) == service, col(ConnectionRow.store_origin) == str(origin)
    )
    return session.exec(same_shop).first()


def discard_unfinished(session: CustomerSession, service: str, origin: Origin) -> None:
    """Remove a connection that never got a key, with the products that came over all the same."""
    row = connection_of(session, service, origin)
    if row is not None and not row.key_hint:
        delete_connection(session, row)


def delete_connection(session: CustomerSession, row: ConnectionRow) -> int:
    """Delete a connection and all that came over by it; how many products that were."""
    of_shop = col(ProductRow.connection_id) == row.id
    products = session.exec(select(func.count()).select_from(ProductRow).where(of_shop)).one()
    session.execute(delete(ProductRow).where(of_shop))
    session.delete(row)
    session.flush()
    return products
