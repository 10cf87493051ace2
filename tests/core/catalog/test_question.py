"""Questions in plain words are read into an order, a bound, a stock wish and words."""

import pytest

from core.catalog.question import Order, read_question


@pytest.mark.parametrize(
    "text", ["Show me your best sellers", "what sells best?", "most popular", "BESTSELLERS please", "the top sellers"]
)
def test_best_sellers_are_sorted_by_sales(text: str) -> None:
    read = read_question(text)
    assert (read.order, read.words) == (Order.SALES, ())


@pytest.mark.parametrize(
    ("text", "at_most", "at_least"),
    [
        ("under 20 euro", 2000, None),
        ("less than €19.90", 1990, None),
        ("over 5,50", None, 550),
        ("from 10 up to 20", 2000, 1000),
    ],
)
def test_prices_are_bounds(text: str, at_most: int | None, at_least: int | None) -> None:
    read = read_question(text)
    assert (read.at_most, read.at_least, read.words) == (at_most, at_least, ())


@pytest.mark.parametrize(
    ("text", "in_stock"), [("out of stock", False), ("what is available", True), ("sold out teas", False)]
)
def test_stock_is_a_wish(text: str, in_stock: bool) -> None:
    assert read_question(text).in_stock is in_stock


def test_the_rest_are_words_and_the_reading_is_told() -> None:
    read = read_question("cheapest teapots under 40")
    assert (read.order, read.at_most, read.words) == (Order.CHEAPEST, 4000, ("teapots",))
    assert read.understood == "Products with “teapots”, at most 40.00, the cheapest first"


@pytest.mark.parametrize("text", ["", "   ", "???", "%_'; DROP TABLE products"])
def test_nonsense_is_read_without_harm(text: str) -> None:
    assert read_question(text).order is Order.NAME
