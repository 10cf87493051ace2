"""What a shop says of a product, however oddly, becomes a product that can be stored and read."""

import json
import time
from typing import Any

import pytest

from core.catalog.sync import Product
from core.integrations.reading import plain_text
from core.integrations.woocommerce.api import product_of
from core.security.origin import Origin

TEA = Origin.of("https://tea.example")


def told(**said: Any) -> Product:
    return product_of({"id": 7, **said}, TEA)


def test_of_a_product_that_says_only_its_number_the_rest_is_left_out() -> None:
    assert told() == Product(remote_id=7, name="Product 7")


@pytest.mark.parametrize("odd", [None, "", False, True, [], {}, 0, [None], ["words"], [[]], {"a": 1}, 1e400], ids=repr)
def test_what_a_shop_says_in_no_usable_way_is_left_out(odd: Any) -> None:
    fields = ("type", "price", "stock_status", "total_sales", "categories", "description", "images", "permalink")
    product = told(**dict.fromkeys(fields, odd), name=odd, sku=odd, short_description=odd)
    assert (product.remote_id, product.categories, product.image_url, product.page_url) == (7, (), None, None)
    assert product.total_sales in {0, 1}
    assert product.price_hundredths in {None, 0}


@pytest.mark.parametrize(
    ("price", "hundredths"),
    [
        ("9.80", 980),
        ("0", 0),
        ("19.999", 2000),
        (12, 1200),
        (9.8, 980),
        ("", None),
        (None, None),
        ("free", None),
        ("9,80", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999999", None),
        ("99999999999999999999", None),
    ],
)
def test_a_price_is_in_hundredths_or_there_is_none(price: object, hundredths: int | None) -> None:
    assert told(price=price).price_hundredths == hundredths


@pytest.mark.parametrize(("sold", "count"), [("12", 12), (None, 0), ("many", 0), (-3, 0), (10**30, 0), (1e400, 0)])
def test_sales_are_counted_from_nothing(sold: object, count: int) -> None:
    assert told(total_sales=sold).total_sales == count


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("/a.jpg", "https://tea.example/a.jpg"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        ("http://[broken/a.jpg", None),
        ("", None),
        (7, None),
    ],
)
def test_an_address_is_absolute_and_of_the_web_or_left_out(said: object, address: str | None) -> None:
    assert told(permalink=said).page_url == address
    assert told(images=[{"src": said}]).image_url == address


def test_what_no_database_keeps_is_left_out() -> None:
    said = json.loads(r'{"name": "A\u0000B\ud800", "sku": "S\u0000", "permalink": "/a\u0000b"}')
    product = told(**said)
    assert (product.name, product.sku, product.page_url) == ("AB", "S", "https://tea.example/ab")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("Ginger &amp; Lemon", "Ginger & Lemon"),
        ("<b>Limited</b> Spring", "Limited Spring"),
        ("<p>One</p><p>Two<br/>Three</p>", "One Two Three"),
        ("Tea &lt;3 Cake", "Tea <3 Cake"),
        ("5 < 6 > 4, a <b", "5 < 6 > 4, a <b"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ('<a title="1 > 0" href=x>y</a>', "y"),
        ("a<SCRIPT src=x>evil()</Script >b<style>p {}</style>c", "abc"),
        ("a<script>evil()", "a"),
        ("a<!-- <b> > -->b<!doctype x>c<![CDATA[d]]>e", "abce"),
        ("<![wow[ tea", "<![wow[ tea"),
        (" a\n\tb\xa0c ", "a b c"),
        (None, ""),
        (7, "7"),
    ],
)
def test_markup_becomes_words(markup: object, words: str) -> None:
    assert plain_text(markup) == words


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<![CDATA[", "</script", "<script>", "<", "<a '\"", "&", "a"], ids=repr
)
def test_markup_made_to_hold_us_up_does_not(piece: str) -> None:
    began = time.process_time()
    plain_text("<x" + piece * 100_000)
    assert time.process_time() - began < 2
