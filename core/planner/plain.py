"""Makes foreign text plain: one line, only what can be seen, and no longer than it may be."""

import unicodedata

UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})  # zero width, direction, tags, halves of pairs, private, unassigned
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters, says Unicode, that show nothing
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))  # 256 unseen marks, enough to spell hidden words with


def plain(text: str, most: int | None = None) -> str:
    """The text on one line without what can't be seen, at most `most` characters long."""
    line = " ".join("".join(_shown(character) for character in text).split())
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"


def _shown(character: str) -> str:
    if character in BLANKS or unicodedata.category(character) in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if unicodedata.category(character) in UNSEEN or any(ord(character) in some for some in SELECTORS):
        return ""
    return character
