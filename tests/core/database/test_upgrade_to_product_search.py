"""The upgrade gives the words of every product to the search, a page at a time: nobody knows that all of them fit into memory."""

from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select, update

from core.catalog.sync import Product
from core.database.session import CustomerSession, Database
from core.database.tables import ProductRow
from tests.core.catalog.shelves import Keeper
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

fold_words = import_module("core.database.migrations.versions.0014_product_search").fold_words


@pytest.mark.parametrize("at_once", [1, 3, 7, 1000])
async def test_each_product_of_each_customer_gets_its_words_and_no_page_is_larger_than_said(
    database: Database, clock: MovedClock, at_once: int
) -> None:
    keepers = [await Keeper.of(database, clock, name) for name in ("tea", "pots", "cups")]
    for keeper, count in zip(keepers, (5, 0, 2), strict=True):
        await keeper.connect()
        await keeper.fill([Product(number, f"Crème Nº{number}", description="Très fine") for number in range(count)])
    before = [await words(keeper) for keeper in keepers]
    for keeper in keepers:
        await database.run(keeper.company.id, emptied)
    read, changed = pages_of(database, at_once)
    assert changed == [min(at_once, 7 - first) for first in range(0, 7, at_once)]
    assert len(read) == len(changed) + 1  # until nothing comes
    assert all("LIMIT" in statement for statement in read)
    after = [await words(keeper) for keeper in keepers]
    assert [[said for said, _ in one] for one in after] == [[said for said, _ in one] for one in before]
    assert [len(one) for one in after] == [5, 0, 2]
    numbers = {number for one in after for _, number in one}
    assert len(numbers) == 7
    assert not numbers & {number for one in before for _, number in one}


def emptied(session: CustomerSession) -> None:
    """As the products were before."""
    session.exec(update(ProductRow).values(search_text=""))


def pages_of(database: Database, at_once: int) -> tuple[list[str], list[int]]:
    """What is read, and how many rows each statement changes, as the upgrade folds what is there."""
    read: list[str] = []
    changed: list[int] = []

    def note(*told: Any) -> None:
        statement, parameters, is_many = told[2], told[3], told[5]
        if statement.startswith("UPDATE"):
            changed.append(len(parameters) if is_many else 1)
        else:
            read.append(statement)

    with as_owner(database).begin() as connection:
        event.listen(connection, "before_cursor_execute", note)
        fold_words(connection, at_once)
    return read, changed


async def words(keeper: Keeper) -> list[tuple[str, int]]:
    """The folded text and the number of each of a customer's products."""
    asked = select(ProductRow.search_text, ProductRow.search_id).order_by(col(ProductRow.remote_id))
    return await keeper.database.read(keeper.company.id, lambda session: [(a, b) for a, b in session.exec(asked)])
