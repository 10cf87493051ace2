"""What a word is, and what it is found by, is decided once, for both databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database.search_words import LONGEST_WORD, folded, phrases


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Crème  BRÛLÉE!", "creme brulee"),
        ("TEA-1_b", "tea 1 b"),
        ("抹茶ラテ 2", "抹 茶 ラ テ 2"),
        ("Straße", "strasse"),
        ("عُلبة شاي", "علبة شاي"),
        ("½ Ⅳ", "1 2 iv"),
        ("'; DROP TABLE products; --", "drop table products"),
        ("", ""),
    ],
)
def test_capitals_accents_and_signs_make_no_difference(text: str, words: str) -> None:
    assert folded(text) == words


@given(st.text(max_size=200))
def test_what_is_folded_stays_as_it_is_and_holds_words_alone(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for word in once.split())


@pytest.mark.parametrize(
    ("word", "phrase"),
    [
        ("teapots", ("teapot",)),
        ("glasses", ("glass",)),
        ("boxes", ("box",)),
        ("berries", ("berr",)),
        ("glass", ("glass",)),
        ("us", ("us",)),
        ("tea-1", ("tea", "1")),
        ("cactus", ("cactus",)),
    ],
)
def test_a_plural_is_looked_for_by_its_beginning(word: str, phrase: tuple[str, ...]) -> None:
    assert phrases([word]) == (phrase,)


def test_what_holds_no_word_is_not_looked_for() -> None:
    assert phrases(["_", "--", "tea"]) == (("tea",),)
