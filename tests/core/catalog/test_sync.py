"""Products come over page by page, are counted against what the shop says, and go when the shop has them no more."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from core.catalog import sync
from core.catalog.sync import (
    CountDiffers,
    NewConnection,
    Product,
    ProductPage,
    ProductShelf,
    connection_of,
    discard_unfinished,
)
from core.database.session import Database
from core.database.tables import AuditRow
from core.errors import CoreError, NotFound
from core.operations.lease import LeaseLost
from core.security.audit.audit_log import AuditAction
from tests.core.catalog.shelves import POTS, TEA, Keeper, numbered
from tests.fakes.clock import MovedClock
from tests.fakes.products import FakeShop


@pytest.fixture
async def keeper(database: Database, clock: MovedClock) -> Keeper:
    keeper = await Keeper.of(database, clock, "tea")
    await keeper.connect()
    return keeper


async def ids_of(keeper: Keeper) -> list[int]:
    return [row.remote_id for row in await keeper.has()]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (230, 3)], ids=str)
async def test_they_are_asked_for_a_hundred_at_a_time(keeper: Keeper, count: int, pages: int) -> None:
    shop = FakeShop(numbered(*range(1, count + 1)))
    assert await keeper.fill(shop) == count
    assert shop.asked == [(number, 100) for number in range(1, pages + 1)]
    assert await ids_of(keeper) == list(range(1, count + 1))
    connection = await keeper.connection()
    assert (connection.product_count, connection.synced_at) == (count, keeper.clock.now())


async def test_all_that_a_shop_tells_is_kept_and_gaps_stay_gaps(keeper: Keeper) -> None:
    full = Product(
        remote_id=2**40,
        name="抹茶 Matcha “ceremonial” 🍵",
        kind="variable",
        sku="TEA-1",
        price_hundredths=3200,
        stock_status="onbackorder",
        total_sales=1954,
        categories=("Tea & Infusions", "شاي"),
        description="Green. " * 500,
        image_url="https://tea.example/matcha.svg",
        page_url="https://tea.example/product/matcha/",
    )
    bare = Product(remote_id=1, name="Mystery Box")
    await keeper.fill([bare, full])
    first, second = [row.model_dump() for row in await keeper.has()]
    assert {name: second[name] for name in vars(full)} == vars(full) | {"categories": ["Tea & Infusions", "شاي"]}
    assert (first["sku"], first["price_hundredths"], first["image_url"], first["categories"]) == (None, None, None, [])


async def test_what_changed_is_written_over_and_what_is_new_is_added(keeper: Keeper) -> None:
    await keeper.fill(numbered(1, 2))
    before = await keeper.has()
    keeper.clock.move(timedelta(hours=1))
    dearer = replace(numbered(2)[0], name="Tea 2, new harvest", price_hundredths=990)
    assert await keeper.fill([*numbered(1), dearer, *numbered(3)]) == 3
    after = await keeper.has()
    assert [row.name for row in after] == ["Tea 1", "Tea 2, new harvest", "Tea 3"]
    assert after[1].price_hundredths == 990
    assert [row.id for row in after[:2]] == [row.id for row in before]
    assert {row.synced_at for row in after} == {keeper.clock.now()}


async def test_what_the_shop_has_no_more_goes_and_nothing_of_another_shop(
    keeper: Keeper, database: Database, clock: MovedClock
) -> None:
    other = await Keeper.of(database, clock, "other")
    await other.connect()
    await other.fill(numbered(2))
    await keeper.connect(POTS)
    await keeper.fill(numbered(2), POTS)
    await keeper.fill(numbered(1, 2, 3))
    assert await keeper.fill(numbered(1, 3)) == 2
    assert await ids_of(keeper) == [1, 3]
    assert [row.remote_id for row in await keeper.has(POTS)] == [2]
    assert await ids_of(other) == [2]


async def test_an_emptied_shop_empties_the_shelf(keeper: Keeper) -> None:
    await keeper.fill(numbered(1, 2))
    assert await keeper.fill([]) == 0
    assert await ids_of(keeper) == []


@pytest.mark.parametrize("says", [2, 4], ids=["too few said", "too many said"])
async def test_a_count_that_does_not_fit_is_refused_and_nothing_goes(keeper: Keeper, says: int) -> None:
    await keeper.fill(numbered(9))
    before = await keeper.connection()
    keeper.clock.move(timedelta(hours=1))
    with pytest.raises(CountDiffers) as refused:
        await keeper.fill(FakeShop(numbered(1, 2, 3), says=says))
    told = f"The shop gave another number of products than it says it has. It says {says} and gave 3."
    assert (refused.value.sentence, refused.value.retry) == (told, True)
    assert await ids_of(keeper) == [1, 2, 3, 9]
    connection = await keeper.connection()
    assert (connection.product_count, connection.synced_at) == (1, before.synced_at)


async def test_a_shop_that_breaks_off_leaves_what_came_and_what_was(keeper: Keeper) -> None:
    await keeper.fill(numbered(999))
    shop = FakeShop(numbered(*range(1, 151)))
    shop.breaks_at = 2
    with pytest.raises(CoreError, match=r"The line is dead\."):
        await keeper.fill(shop)
    assert await ids_of(keeper) == [*range(1, 101), 999]
    shop.breaks_at = None
    assert await keeper.fill(shop) == 150
    assert await ids_of(keeper) == [*range(1, 151)]


async def test_a_product_that_comes_twice_counts_once(keeper: Keeper) -> None:
    with pytest.raises(CountDiffers, match="It says 2 and gave 1"):
        await keeper.fill([*numbered(1), Product(remote_id=1, name="Tea 1, again")])
    assert [row.name for row in await keeper.has()] == ["Tea 1, again"]


class ShopGoingInCircles(FakeShop):
    """Gives its first page whatever is asked for, as behind a cache that does not look at the query."""

    async def page(self, number: int, size: int) -> ProductPage:
        await super().page(number, size)
        return ProductPage(tuple(self.products[:size]), len(self.products))


async def test_a_shop_that_gives_nothing_new_is_not_asked_for_ever(keeper: Keeper) -> None:
    shop = ShopGoingInCircles(numbered(*range(1, 301)))
    with pytest.raises(CountDiffers, match="It says 300 and gave 100"):
        await keeper.fill(shop)
    assert len(shop.asked) == 2


async def test_a_shop_that_never_ends_is_given_up(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "MOST_PAGES", 3)
    shop = FakeShop(numbered(*range(1, 401)))
    with pytest.raises(CountDiffers, match="It says 400 and gave 300"):
        await keeper.fill(shop)
    assert len(shop.asked) == 3


@pytest.fixture
def narrow(sqlite_database: Database) -> Iterator[Database]:
    """SQLite with as little room in a statement as it may be built with."""

    def narrowed(connection: Any, record: Any) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 500)

    event.listen(sqlite_database.engine, "connect", narrowed)
    yield sqlite_database
    event.remove(sqlite_database.engine, "connect", narrowed)


async def test_a_shop_may_have_more_products_than_a_statement_has_room_for(narrow: Database, clock: MovedClock) -> None:
    keeper = await Keeper.of(narrow, clock, "tea")
    await keeper.connect()
    assert await keeper.fill(numbered(*range(1, 1301))) == 1300
    assert await keeper.fill(numbered(*range(601, 1301))) == 700
    assert await ids_of(keeper) == [*range(601, 1301)]


async def test_a_shop_that_is_not_connected_cannot_be_filled(keeper: Keeper) -> None:
    with pytest.raises(NotFound, match=r"This shop is not connected\."):
        await keeper.fill(numbered(1), POTS)


async def test_a_shop_connected_anew_keeps_its_place_and_its_products(keeper: Keeper) -> None:
    await keeper.fill(numbered(1, 2))
    before = await keeper.connection()
    keeper.clock.move(timedelta(days=1))
    operation_id = await keeper.connect(key="7654321", permission="read_write")
    after = await keeper.connection()
    assert (after.id, after.operation_id, after.created_at) == (before.id, operation_id, keeper.clock.now())
    assert (after.key_hint, after.key_permission, after.tested_at) == ("7654321", "read_write", keeper.clock.now())
    assert (before.key_hint, before.tested_at) == ("1234567", keeper.clock.now() - timedelta(days=1))
    assert after.superseded == [str(before.operation_id)]
    await keeper.shelf.revoked("woocommerce", TEA, before.operation_id)
    assert (await keeper.connection()).superseded == []
    assert await ids_of(keeper) == [1, 2]


async def test_what_never_got_a_key_is_discarded_with_its_products(keeper: Keeper) -> None:
    new = NewConnection("woocommerce", POTS, (await keeper.connection()).operation_id, "", "")
    await keeper.shelf.reserve(new)
    await keeper.fill(numbered(1, 2), POTS)
    assert len(await keeper.has(POTS)) == 2
    for shop in (POTS, TEA):
        await keeper.database.run(keeper.company.id, partial(discard_unfinished, service="woocommerce", origin=shop))
    assert (
        await keeper.database.read(keeper.company.id, partial(connection_of, service="woocommerce", origin=POTS))
        is None
    )
    assert (await keeper.connection(TEA)).key_hint == "1234567"


async def test_who_lost_the_operation_puts_nothing_on_the_shelf(keeper: Keeper) -> None:
    async def lost(use_case: object) -> None:
        raise LeaseLost

    shelf = ProductShelf(lost, keeper.company.id, uuid4(), keeper.clock)  # type: ignore[arg-type]  # it gives nothing back
    with pytest.raises(LeaseLost):
        await shelf.fill("woocommerce", TEA, FakeShop(numbered(1)))
    assert await keeper.has() == []


async def test_connecting_and_filling_are_in_the_audit_trail(keeper: Keeper) -> None:
    operation_id = await keeper.connect(POTS, key="7654321")
    await keeper.fill(numbered(1, 2), POTS)
    of_operation = select(AuditRow).where(col(AuditRow.operation_id) == operation_id).order_by(col(AuditRow.seq))
    rows = await keeper.database.read(keeper.company.id, lambda session: session.exec(of_operation).all())
    connected = {"shop": "https://pots.example", "key": "7654321", "permission": "read"}
    assert [(row.action, row.detail) for row in rows] == [
        (AuditAction.CONNECTION_SAVED, connected),
        (AuditAction.PRODUCTS_SYNCED, {"products": 2}),
    ]
