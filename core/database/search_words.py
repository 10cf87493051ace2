"""Text as it is looked for: without capitals, accents and punctuation, so that both databases find the same in it.

The databases split words in their own ways; so here, and nowhere else, it is decided what a word is. Signs of scripts that
put no spaces between words (Han, Kana) are words by themselves.
"""

import re
import unicodedata
from collections.abc import Iterable

BY_ITSELF = re.compile(r"([\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
BETWEEN_WORDS = re.compile(r"[\W_]+")
LONGEST_WORD = 60  # letters; PostgreSQL takes none longer than 2046 bytes, and nobody types one
# Plural endings of English, and what is left of the word without them; where it fits both, the first.
PLURALS = (
    (re.compile(r"(?<=\w\w)ies$"), ""),
    (re.compile(r"(?<=s|x|z)es$|(?<=sh|ch)es$"), ""),
    (re.compile(r"(?<=\w\w[^su])s$"), ""),
)


def folded(text: str) -> str:
    """The words of a text, parted by single spaces."""
    small = unicodedata.normalize("NFKD", text).casefold()  # which may put marks together again
    plain = "".join(one for one in unicodedata.normalize("NFKD", small) if not unicodedata.combining(one))
    words = BETWEEN_WORDS.sub(" ", BY_ITSELF.sub(r" \1 ", plain)).split()
    return " ".join(word[:LONGEST_WORD] for word in words)


def phrases(words: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """What is looked for: each word as the words it is made of, which follow one another (“tea-1” are two).

    Of the last one its singular: what begins with it is found, so that “Teapots” finds the teapot, “berries” the berry.
    """
    found = (folded(word).split() for word in words)
    return tuple((*parts[:-1], _singular(parts[-1])) for parts in found if parts)


def _singular(word: str) -> str:
    for ending, left in PLURALS:
        if ending.search(word):
            return ending.sub(left, word)
    return word
