"""Reads a shopper's question into an order, a price bound, a stock wish and free words; says how it was read."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Order(StrEnum):
    """What the answer begins with."""

    SALES = "sales"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NAME = "name"


ORDERS = (
    (
        Order.SALES,
        re.compile(
            r"\b(best[\s-]?sell\w*|most sold|sells? best|top sell\w*|(most )?popular|bestseller\w*)\b", re.IGNORECASE
        ),
    ),
    (Order.CHEAPEST, re.compile(r"\b(cheap\w*|lowest price\w*|least expensive)\b", re.IGNORECASE)),
    (Order.DEAREST, re.compile(r"\b(most expensive|dearest|highest price\w*|priciest)\b", re.IGNORECASE)),
)
UNDER = re.compile(
    r"\b(?:under|below|less than|cheaper than|up to|at most)\s*(?:[€$£]\s*)?(\d+(?:[.,]\d{1,2})?)", re.IGNORECASE
)
OVER = re.compile(r"\b(?:over|above|more than|at least|from)\s*(?:[€$£]\s*)?(\d+(?:[.,]\d{1,2})?)", re.IGNORECASE)
OUT_OF_STOCK = re.compile(r"\b(out of stock|sold out|unavailable)\b", re.IGNORECASE)
IN_STOCK = re.compile(r"\b(in stock|available)\b", re.IGNORECASE)
HIGHEST_BOUND = 10**15  # hundredths; more than any price, and no more than a database's whole numbers hold
CURRENCY = re.compile(r"[€$£]|\b(euros?|eur|dollars?|usd|pounds?|gbp)\b", re.IGNORECASE)
FILLER = frozenset(
    [
        "a",
        "all",
        "and",
        "any",
        "are",
        "can",
        "costs",
        "do",
        "find",
        "for",
        "get",
        "give",
        "have",
        "i",
        "in",
        "is",
        "list",
        "me",
        "my",
        "of",
        "on",
        "our",
        "please",
        "products",
        "product",
        "show",
        "that",
        "the",
        "things",
        "to",
        "us",
        "want",
        "we",
        "what",
        "which",
        "with",
        "you",
        "your",
    ]
)
WORDS = {
    Order.SALES: "sorted by sales",
    Order.CHEAPEST: "the cheapest first",
    Order.DEAREST: "the most expensive first",
    Order.NAME: "sorted by name",
}


@dataclass(frozen=True)
class Question:
    """How a question was read. Prices are in hundredths of the shop's currency, both bounds inclusive."""

    order: Order
    at_most: int | None
    at_least: int | None
    in_stock: bool | None
    words: tuple[str, ...]

    @property
    def understood(self) -> str:
        """The reading, as a sentence for people."""
        parts = []
        if self.words:
            parts.append("with " + " and ".join(f"“{word}”" for word in self.words))
        if self.at_most is not None:
            parts.append(f"at most {self.at_most / 100:.2f}")
        if self.at_least is not None:
            parts.append(f"at least {self.at_least / 100:.2f}")
        if self.in_stock is not None:
            parts.append("in stock" if self.in_stock else "out of stock")
        return "Products " + ", ".join([*parts, WORDS[self.order]])


def read_question(text: str) -> Question:
    """Read a question. What is not an order, a bound or a stock wish is a word to look for."""
    rest, order = text, Order.NAME
    for candidate, pattern in ORDERS:
        if pattern.search(rest):
            order, rest = candidate, pattern.sub(" ", rest)
            break
    rest, at_most = _price(UNDER, rest)
    rest, at_least = _price(OVER, rest)
    rest, in_stock = _stock(rest)
    rest = CURRENCY.sub(" ", rest)
    words = tuple(word for word in re.findall(r"[\w'-]+", rest) if word.casefold() not in FILLER)
    return Question(order, at_most, at_least, in_stock, words)


def _price(pattern: re.Pattern[str], text: str) -> tuple[str, int | None]:
    found = pattern.search(text)
    if not found:
        return text, None
    return pattern.sub(" ", text), min(round(float(found.group(1).replace(",", ".")) * 100), HIGHEST_BOUND)


def _stock(text: str) -> tuple[str, bool | None]:
    for pattern, wish in ((OUT_OF_STOCK, False), (IN_STOCK, True)):
        if pattern.search(text):
            return pattern.sub(" ", text), wish
    return text, None
