"""Knows what may be a key that nobody has read yet by the way it looks: a service may rename everything round it, not the key itself."""

import re

SHORTEST = 20  # characters; keys are longer, and what a shop's pages show besides is shorter or has gaps
# Each takes a time that grows with the text alone: the text is a page's, and who waits is everybody.
LONG_CODE = re.compile(rf"[A-Za-z0-9_+=-]{{{SHORTEST},}}")
IN_FOURS = re.compile(r"\b[A-Za-z0-9]{4}\b(?: [A-Za-z0-9]{4}\b){4,}")  # as WordPress shows its own
MIXED = re.compile(r"\d|[a-z] ?[A-Z]")
PIECE = re.compile(r"[A-Za-z0-9]+")
GOES_ON = frozenset("./@")  # in an address, the name of a file, or an e-mail, which are no keys


def may_hold_a_key(text: str) -> bool:
    """Whether something in it looks like one."""
    if any(MIXED.search(hit[0]) for hit in IN_FOURS.finditer(text)):
        return True
    return any(_is_mixed(hit[0]) and not _goes_on(text, hit) for hit in LONG_CODE.finditer(text))


def _is_mixed(code: str) -> bool:
    """Whether a piece of it is no word and no number; words joined by hyphens are a name."""
    return any(not piece.isalpha() and not piece.isdigit() for piece in PIECE.findall(code)) or (
        code.isalpha() and MIXED.search(code) is not None
    )


def _goes_on(text: str, hit: re.Match[str]) -> bool:
    """Whether it is a piece of something longer; a full stop at its end is the end of a sentence."""
    before, after = text[max(0, hit.start() - 1) : hit.start()], text[hit.end() : hit.end() + 2]
    return before in GOES_ON or (after[:1] in GOES_ON and (after[:1] != "." or after[1:].isalnum()))
