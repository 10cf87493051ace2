"""Reads a shopper's question into an order, a price bound, a stock wish, a number and free words; says how it was read."""

import re
from dataclasses import dataclass
from typing import TypeVar

from core.catalog.phrases import (
    A_FEW,
    ASIDE,
    BARE,
    BOUNDS,
    COUNTS,
    FILLER,
    IS_OF_PRICES,
    LEFT,
    MEASURED,
    MONEY,
    NUMBER_WORDS,
    OF_PRICES,
    ORDERS,
    STOCKS,
    UNIT,
    Order,
    Stock,
)
from core.database.search_words import folded

__all__ = ["Order", "Question", "Stock", "read_question"]

T = TypeVar("T")

HIGHEST_BOUND = 10**15  # hundredths; more than any price, and no more than a database's whole numbers hold
CURRENCY = re.compile(rf"(?<!\w){UNIT}", re.IGNORECASE)
WORD = re.compile(r"[\w'\u2019-]+")
THOUSANDS = re.compile(r"[.,'](?=\d{3}(?!\d))")
SAID = {
    Order.SALES: "sorted by sales",
    Order.LEAST_SOLD: "the least sold first",
    Order.CHEAPEST: "the cheapest first",
    Order.DEAREST: "the most expensive first",
    Order.NAME: "sorted by name",
    Stock.IN: "in stock",
    Stock.OUT: "out of stock",
    Stock.BACKORDER: "on back-order",
}


@dataclass(frozen=True)
class Question:
    """How a question was read. Prices are in hundredths of the shop's currency, both bounds inclusive; `first` is how many."""

    order: Order = Order.NAME
    at_most: int | None = None
    at_least: int | None = None
    stock: Stock | None = None
    first: int | None = None
    words: tuple[str, ...] = ()

    @property
    def understood(self) -> str:
        """The reading, as a sentence for people."""
        parts = []
        if self.words:
            parts.append("with " + " and ".join(f"“{word}”" for word in self.words))
        if self.at_least is not None:
            parts.append(f"at least {self.at_least / 100:.2f}")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most / 100:.2f}")
        if self.stock is not None:
            parts.append(SAID[self.stock])
        many = f"The first {self.first} products" if self.first else "Products"
        return f"{many} {', '.join([*parts, SAID[self.order]])}"


def read_question(text: str) -> Question:
    """Read a question. What is not an order, a bound, a stock wish or a number is a word to look for.

    1. Take the price bounds out, so that their numbers are read as nothing else.
    2. Take the stock out, of which the negated is looked for first: “not sold out” is in stock.
    3. Take the order out, and a number that stands with it: “the three cheapest”, “top 5”.
    4. Of what is left, drop what only makes it a sentence.
    """
    rest, at_least, at_most = _bounds(text)
    rest, stock, _ = _taken(rest, STOCKS)
    rest, order, first = _taken(rest, ORDERS)
    for pattern in A_FEW if first is None else ():
        if found := pattern.search(rest):
            rest, first = _without(rest, found), _number(found["first0"])
            break
    rest = CURRENCY.sub(" ", ASIDE.sub(" ", rest))
    filler = FILLER | {"first", "order"} if order else FILLER
    words = tuple(
        word for word in WORD.findall(rest.lower().replace("\u2019", "'")) if word not in filler and folded(word)
    )
    return Question(order or Order.NAME, at_most, at_least, stock, first, words)


def _bounds(text: str) -> tuple[str, int | None, int | None]:
    """The text without them, the lower and the upper bound.

    What is said like a price and is none, as “under 500 ml”, leaves its numbers behind: they are words to look for.
    How many are left is none either, and nobody knows it.
    """
    rest, words, bounds = text, text, dict[str, int]()
    for pattern in BOUNDS:
        for found in pattern.finditer(rest):
            start, end, is_bare = *found.span(), pattern in BARE
            if (left := LEFT.match(text, end)) and not is_bare and _is_count(found[0], left[0]):
                words = _blanked(words, start, left.end())
            elif not _is_price(text, found, is_bare):
                words = _blanked(_blanked(words, start, found.start(1)), found.end(found.lastindex or 1), end)
            elif bounds.keys() & found.groupdict().keys():
                continue
            else:
                bounds |= _ordered(found.groupdict())
                words = _blanked(words, start, end)
            rest = _blanked(rest, start, end)
    return words, bounds.get("low"), bounds.get("high")


def _is_count(bound: str, left: str) -> bool:
    """Whether a bound says how many there are."""
    if MONEY.search(bound) or IS_OF_PRICES.search(bound):
        return False
    return bool(left.strip()) or COUNTS.search(bound) is not None


def _is_price(text: str, found: re.Match[str], is_bare: bool) -> bool:
    """What has no currency may be a measure or a size; two numbers alone are seldom a price."""
    if MONEY.search(found[0]):
        return True
    return not MEASURED.match(text, found.end()) and (not is_bare or OF_PRICES.search(text) is not None)


def _ordered(said: dict[str, str]) -> dict[str, int]:
    """The amounts in hundredths; of two the lower is the lower bound, whichever was said first."""
    amounts = (min(round(_amount(one) * 100), HIGHEST_BOUND) for one in said.values())
    return dict(zip(sorted(said, reverse=True), sorted(amounts), strict=True))


def _blanked(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


def _taken(text: str, known: tuple[tuple[T, re.Pattern[str]], ...]) -> tuple[str, T | None, int | None]:
    """The text without the first wish that it says, the wish, and the number that stands with it."""
    for wish, pattern in known:
        if found := pattern.search(text):
            said = next((value for name, value in found.groupdict().items() if value), None)
            return pattern.sub(" ", text), wish, _number(said) if said else None
    return text, None, None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _amount(said: str) -> float:
    """A price as it was written: 1,200 and 12,50 are both read as they are meant."""
    if not said[0].isdecimal():
        return float(_number(said))
    return float(THOUSANDS.sub("", said).replace(",", "."))


def _number(said: str) -> int:
    """A number in digits or in words: two hundred and five."""
    if said.isdecimal():
        return int(said)
    whole = 0
    for word in re.split(r"[\s-]+", said.lower()):
        value = NUMBER_WORDS.get(word, 0)  # “a” and “and” are none
        whole = max(whole, 1) * value if value >= 100 else whole + value
    return whole
