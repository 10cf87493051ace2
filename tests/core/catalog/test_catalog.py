"""A customer's own shops and products, found by questions in plain words; nobody else's, ever."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.catalog.catalog import LONGEST_QUESTION, MOST_ANSWERS, MOST_WORDS, Catalog, ConnectionView, ProductView
from core.catalog.sync import Product
from core.database.session import Database
from tests.core.catalog.shelves import POTS, TEA, Keeper, numbered
from tests.fakes.clock import MovedClock

SHELF = [
    Product(1, "Earl Grey", sku="TEA-1", price_hundredths=1150, total_sales=4210, categories=("Tea",)),
    Product(2, "Cast Iron Teapot", sku="POT-1", price_hundredths=6400, total_sales=2877),
    Product(3, "抹茶 Matcha", price_hundredths=3200, total_sales=2877, description="Ground green tea, 100% pure."),
    Product(4, "Чай Иван-чай", price_hundredths=690, stock_status="outofstock"),
    Product(5, "Tea Cosy", price_hundredths=1900, stock_status="onbackorder", total_sales=34),
    Product(6, "Mystery Box", total_sales=3),
    Product(7, "عُلبة شاي", sku="A_B", price_hundredths=1150),
    Product(8, "assam", price_hundredths=890, total_sales=21),
]


@pytest.fixture
async def keeper(database: Database, clock: MovedClock) -> Keeper:
    keeper = await Keeper.of(database, clock, "tea")
    await keeper.connect()
    await keeper.fill(SHELF)
    return keeper


async def numbers(keeper: Keeper, question: str, limit: int = 20) -> list[int]:
    """The products that answer this, by their place on the shelf."""
    answer = await Catalog(keeper.database).search(keeper.visitor, question, limit)
    by_name = {product.name: product.remote_id for product in SHELF}
    return [by_name[product.name] for product in answer.products]


async def test_best_sellers_come_first_and_equals_by_name(keeper: Keeper) -> None:
    assert (await numbers(keeper, "Show me your best sellers"))[:6] == [1, 2, 3, 5, 8, 6]


async def test_without_an_order_they_are_sorted_by_name_however_it_is_written(keeper: Keeper) -> None:
    assert (await numbers(keeper, ""))[:5] == [8, 2, 1, 6, 5]


async def test_prices_order_and_bound_and_what_has_none_comes_last_or_not_at_all(keeper: Keeper) -> None:
    await they_find(
        keeper,
        {
            "the cheapest": [4, 8, 1, 7, 5, 3, 2, 6],
            "the most expensive": [2, 3, 5, 1, 7, 8, 4, 6],
            "cheapest under 11.50": [4, 8, 1, 7],
            "cheapest from 11.50 up to 32": [1, 7, 5, 3],
            "over 64": [2],
            "over 64.01": [],
            "cheapest under 99999999999999999999999999": [4, 8, 1, 7, 5, 3, 2],
            "over 99999999999999999999999999": [],
        },
    )


async def test_what_is_not_in_stock_is_told_apart(keeper: Keeper) -> None:
    await they_find(keeper, {"out of stock, cheapest": [4, 5], "cheapest in stock": [8, 1, 7, 3, 2, 6]})


async def test_words_are_looked_for_in_name_number_and_description(keeper: Keeper) -> None:
    await they_find(
        keeper,
        {
            "EARL grey": [1],
            "teapots": [2],
            "tea-1": [1],
            "ground green": [3],
            "抹茶": [3],
            "Иван": [4],
            "иван-ЧАЙ": [4],
            "شاي": [7],
            "a_b": [7],
            "100% pure": [3],
            "100_": [3],
            "10": [],
            "Earl Cosy": [],
            "'; DROP TABLE products; --": [],
        },
    )


async def test_words_that_no_product_has_are_left_out_if_nothing_fits_with_them_and_that_is_told(
    keeper: Keeper,
) -> None:
    answer = await Catalog(keeper.database).search(keeper.visitor, "zebra earl")
    assert [one.name for one in answer.products] == ["Earl Grey"]
    assert answer.understood == "Products with “earl”, sorted by name; nothing has “zebra”"
    nothing = await Catalog(keeper.database).search(keeper.visitor, "zebra giraffe")
    assert (nothing.total, nothing.understood) == (0, "Products with “zebra” and “giraffe”, sorted by name")


async def test_of_many_words_a_few_are_looked_for_and_each_of_them_once_and_not_counted(keeper: Keeper) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(keeper.database.engine, "before_cursor_execute", note)
    question = " ".join(["earl", "earl", *(f"zebra{number}" for number in range(30))])
    answer = await Catalog(keeper.database).search(keeper.visitor, question)
    event.remove(keeper.database.engine, "before_cursor_execute", note)
    assert [one.name for one in answer.products] == ["Earl Grey"]
    assert answer.understood.count("zebra") == MOST_WORDS - 1
    of_products = [one for one in asked if "FROM products" in one]
    assert len([one for one in of_products if "LIMIT" in one]) == MOST_WORDS + 1
    assert len([one for one in of_products if "count(" in one]) == 2


async def test_what_has_the_words_in_its_name_comes_first(keeper: Keeper) -> None:
    await they_find(keeper, {"tea": [2, 5, 1, 3]})


async def test_a_wished_number_is_no_more_than_that(keeper: Keeper) -> None:
    await they_find(keeper, {"top 2": [1, 2], "the three cheapest": [4, 8, 1]})


async def test_many_are_gone_through_page_by_page(keeper: Keeper) -> None:
    search, asked = Catalog(keeper.database).search, "the seven cheapest"
    pages = [await search(keeper.visitor, asked, 3, skip) for skip in (0, 3, 6, 9)]
    assert [len(page.products) for page in pages] == [3, 3, 1, 0]
    assert len({one.id for page in pages for one in page.products}) == 7
    assert {page.total for page in pages} == {7}


async def test_accents_and_plurals_make_no_difference(keeper: Keeper) -> None:
    await keeper.fill([*SHELF, Product(9, "Crème Brûlée Rooibos"), Product(10, "Goji Berry"), Product(11, "Tea Glass")])
    found = [
        (await Catalog(keeper.database).search(keeper.visitor, q)).products
        for q in ("creme BRULEE", "berries", "glasses")
    ]
    assert [[one.name for one in products] for products in found] == [
        ["Crème Brûlée Rooibos"],
        ["Goji Berry"],
        ["Tea Glass"],
    ]


async def test_what_is_renamed_or_gone_at_the_shop_is_not_found_by_its_old_name(keeper: Keeper) -> None:
    await keeper.fill([replace(SHELF[0], name="Lady Grey"), *SHELF[2:]])
    await they_find_names(keeper, {"earl": [], "lady": ["Lady Grey"], "teapot": []})


async def they_find_names(keeper: Keeper, wanted: dict[str, list[str]]) -> None:
    search = Catalog(keeper.database).search
    found = {q: [one.name for one in (await search(keeper.visitor, q)).products] for q in wanted}
    assert found == wanted


async def they_find(keeper: Keeper, wanted: dict[str, list[int]]) -> None:
    """Each question finds these, in this order."""
    assert {question: await numbers(keeper, question) for question in wanted} == wanted


async def test_an_answer_tells_what_was_understood_and_how_many_there_are(keeper: Keeper) -> None:
    answer = await Catalog(keeper.database).search(keeper.visitor, "  best sellers under 20  ", limit=2)
    assert (answer.question, answer.total) == ("best sellers under 20", 5)
    assert answer.understood == "Products at most 20.00, sorted by sales"
    first = answer.products[0]
    assert first == ProductView(first.id, "Earl Grey", "TEA-1", 1150, "instock", 4210, ("Tea",), None, None)
    assert len(answer.products) == 2


async def test_an_answer_has_an_end_and_so_has_a_question(keeper: Keeper) -> None:
    await keeper.fill(numbered(*range(1, MOST_ANSWERS + 6)))
    answer = await Catalog(keeper.database).search(keeper.visitor, "tea" * LONGEST_QUESTION, limit=10**6)
    assert (len(answer.question), answer.total) == (LONGEST_QUESTION, 0)
    everything = await Catalog(keeper.database).search(keeper.visitor, "", limit=10**6)
    assert (len(everything.products), everything.total) == (MOST_ANSWERS, MOST_ANSWERS + 5)


async def test_before_the_first_connection_there_is_nothing(database: Database, clock: MovedClock) -> None:
    stranger = await Keeper.of(database, clock, "stranger")
    answer = await Catalog(database).search(stranger.visitor, "Show me your best sellers")
    assert (answer.products, answer.total) == ((), 0)
    assert await Catalog(database).connections(stranger.visitor) == ()


async def test_another_customers_products_and_shops_are_never_seen(
    keeper: Keeper, database: Database, clock: MovedClock
) -> None:
    other = await Keeper.of(database, clock, "other")
    await other.connect()
    await other.fill([replace(SHELF[0], name="Their Earl Grey", total_sales=10**9)])
    assert await numbers(keeper, "earl grey best sellers") == [1]
    theirs = await Catalog(database).search(other.visitor, "best sellers")
    assert ([product.name for product in theirs.products], theirs.total) == (["Their Earl Grey"], 1)
    mine, others = [await Catalog(database).connections(one.visitor) for one in (keeper, other)]
    assert (len(mine), len(others)) == (1, 1)
    assert mine[0].id != others[0].id


async def test_connections_are_told_newest_first_with_the_end_of_their_key(keeper: Keeper) -> None:
    began = keeper.clock.now()
    keeper.clock.move(timedelta(hours=1))
    await keeper.connect(POTS, key="7654321", permission="read_write")
    pots, tea = await Catalog(keeper.database).connections(keeper.visitor)
    assert (pots.store_url, pots.synced_at, pots.product_count) == (str(POTS), None, 0)
    assert tea == ConnectionView(tea.id, "woocommerce", str(TEA), "1234567", "read", began, began, len(SHELF))
