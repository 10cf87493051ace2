"""The index of words is kept by the database itself: it is missed when it is gone, and outlives what SQLite does to its rows."""

import sqlite3
from contextlib import closing

import pytest

from core.catalog.catalog import Catalog
from core.catalog.sync import Product
from core.database.product_search import INDEX, MADE, wanted_words
from core.database.session import Database
from core.database.upgrade import is_current, missing_protection, upgrade
from tests.core.catalog.shelves import Keeper
from tests.fakes.clock import MovedClock
from tests.postgres import as_owner

SHELF = [Product(1, "Earl Grey"), Product(2, "Cast Iron Teapot"), Product(3, "Tea Cosy")]


@pytest.fixture
async def keeper(sqlite_database: Database, clock: MovedClock) -> Keeper:
    keeper = await Keeper.of(sqlite_database, clock, "tea")
    await keeper.connect()
    await keeper.fill(SHELF)
    return keeper


async def found(keeper: Keeper, question: str) -> list[str]:
    answer = await Catalog(keeper.database).search(keeper.visitor, question)
    return [product.name for product in answer.products]


def written(database: Database, *statements: str) -> None:
    with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_it_finds_the_same_after_the_file_was_written_anew(keeper: Keeper) -> None:
    others = await Keeper.of(keeper.database, keeper.clock, "pots")
    await others.connect()
    await others.fill([Product(number, f"Pot {number}") for number in range(50)])
    await others.fill([Product(49, "Pot 49")])  # the rest are gone, and leave numbers behind that VACUUM gives out anew
    written(keeper.database, "VACUUM")
    assert await found(keeper, "teapot") == ["Cast Iron Teapot"]
    await keeper.fill([Product(1, "Earl Grey"), Product(2, "Glass Teapot"), Product(3, "Tea Cosy")])
    assert await found(keeper, "iron") == []
    written(keeper.database, f"INSERT INTO {INDEX}({INDEX}, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("name", [name for name, made in MADE.items() if "TRIGGER" in made])
async def test_a_part_of_it_that_is_gone_is_missed_and_made_anew_by_the_next_upgrade(keeper: Keeper, name: str) -> None:
    written(keeper.database, f"DROP TRIGGER {name}")
    assert missing_protection_of(keeper.database) == (name,)
    assert not is_current(keeper.database)
    await keeper.fill([Product(1, "Lady Grey")])  # which the index does not hear of, or not all
    upgrade(keeper.database)
    assert is_current(keeper.database)
    assert (await found(keeper, "lady"), await found(keeper, "earl")) == (["Lady Grey"], [])


async def test_the_index_itself_finds_one_customers_words_alone(keeper: Keeper) -> None:
    """Not only the rows that come of it, which the session narrows by itself: else a search reads every customer's words."""
    others = await Keeper.of(keeper.database, keeper.clock, "pots")
    await others.connect()
    await others.fill([Product(number, f"Teapot {number}") for number in range(20)])
    both = [wanted_words("sqlite", one.company.id, [("teapot",)]) for one in (keeper, others)]
    with closing(sqlite3.connect(str(keeper.database.url.database))) as connection:
        in_index = [connection.execute(f"SELECT count(*) FROM {INDEX}(?)", (wanted,)).fetchone() for wanted in both]
        everybodys = connection.execute(f"SELECT count(*) FROM {INDEX}(?)", ("teapot",)).fetchone()
    assert (in_index, everybodys) == ([(1,), (20,)], (21,))


def missing_protection_of(database: Database) -> tuple[str, ...]:
    with as_owner(database).connect() as connection:
        return missing_protection(connection)
