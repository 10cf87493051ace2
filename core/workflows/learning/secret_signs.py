"""Decides what is a secret: by the name of a field or a variable, and by a text's shape."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from core.workflows.locator import CHAINED, By, Link, Locator, Pattern

WORDS = {
    **dict.fromkeys(("pass", "pwd", "pw", "psw", "passe", "contraseña"), "password"),
    **dict.fromkeys(("otp", "totp", "pin", "cvc", "cvv", "jwt"), "secret"),
}
STEMS = {
    **dict.fromkeys(("password", "passwd", "passwort", "kennwort", "passphrase", "passcode"), "password"),
    **dict.fromkeys(("secret", "token", "credential", "apikey", "consumerkey", "privatekey"), "secret"),
}
PAIRS = {
    **dict.fromkeys([(one, "key") for one in ("api", "consumer", "access", "private", "license")], "secret"),
    **dict.fromkeys([("card", "number"), ("security", "code"), ("verification", "code")], "secret"),
}
# “Password hint” and `token_type` are about a secret, and are none.
ABOUT = frozenset({"name", "description", "hint", "type", "url", "expiry", "strength", "length"})
# A variable of such a name says where a secret is typed, not what: `PASSWORD_FIELD = "#user_pass"`.
WHERE = frozenset(
    {"field", "selector", "locator", "label", "placeholder", "box", "button", "link", "path", "page", "form", "tab"}
    | {"id", "css", "xpath", "title", "heading", "message"}
)
# What in a part of a selector names one element; a class, a tag, a type or a place does not.
NAMING = re.compile(r"#|\[(?!type=)|@(?!type)|text[\w-]*\(|^(?!visible|nth)[\w-]+=")
IN_A_QUERY = frozenset({"key", "sig", "signature", "auth", "code", "session", "sid", "nonce", "wpnonce"})

SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![A-Za-z0-9])(?:"
    r"(?:[csrp]k|cs|whsec)_(?:live|test)_[A-Za-z0-9]{8,}"
    r"|(?:[csrp]k|cs|whsec)_(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}"
    r"|sk-(?=[A-Za-z_-]*\d)[\w-]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{8,}|github_pat_\w{8,}|glpat-[\w-]{8,}|xox[abeprs]-[\w-]{8,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{8,}|AIza[\w-]{20,}"
    r"|eyJ[\w-]{8,}(?:\.[\w-]*){0,4})"
)
RUN = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
SHORTEST_PIECE = 16  # characters; a shorter one is a word with a number, or a style sheet's suffix
FEWEST_BITS = 3.0  # of entropy a character; 16 hexadecimal digits of a key have about 3.3, "aaaaaaaa1" has less than 1
TURNS_OF_A_PIECE, TURNS_OF_A_RUN = (
    0.25,
    0.4,
)  # places where letters, capitals and digits take turns; a key has about half
CARD = re.compile(r"(?<![\d-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\d-])")
# "password: hunter2", "token=4711": in a comment as in a query.
TOLD = re.compile(
    r"""(?P<name>[\w-]+(?: key| number| code)?)(?P<sign>["']?\s*[=:]\s*["'“]?)(?P<value>[^\s"'”,;&#\])]*[^\W_][^\s"'”,;&#\])]*)"""
)
QUERY = re.compile(r"(?P<name>(?<=[?&;#])[^=&#\s{}]+)(?P<sign>=)(?P<value>[^&#\s\"'\]]+)")
USERINFO = re.compile(r"(?<=://)[^/\s?#]*@")


def kind_of_secret(name: str) -> str | None:
    """What kind of secret has this name: "password" or "secret"; None if the name is no secret's."""
    words = _words(name)
    if not words or words[-1] in ABOUT:
        return None
    joined = [*words, *(f"{one}{other}" for one, other in pairwise(words))]
    kinds = [WORDS.get(word) or next((STEMS[stem] for stem in STEMS if stem in word), None) for word in joined]
    kinds += [PAIRS.get(pair) for pair in pairwise(words)]
    return next((kind for kind in kinds if kind), None)


def names_a_secret(name: str) -> bool:
    """Whether a variable, a fixture, a parameter or an output of this name is one that nobody may see."""
    words = [word for word in _words(name) if not word.isdigit()]
    return kind_of_secret(name) is not None and words[-1] not in WHERE


def names_a_secret_in_a_query(name: str) -> bool:
    """Whether the value of this name in an address is one that nobody may see."""
    return names_a_secret(name) or name.casefold().strip("_") in IN_A_QUERY


def kind_of_target(locator: Locator | None) -> str | None:
    """What kind of secret is typed here, by the name that stands nearest to the field."""
    for names, is_a_name in _nearest_first(locator.links if locator else ()):
        if kind := next((kind for name in names if (kind := kind_of_secret(name))), None):
            return kind
        if is_a_name:
            return None
    return None


def shapes_in(text: str) -> Iterator[tuple[int, int]]:
    """Where a text holds what looks like a key, a token, a card's number, or letters drawn by lot."""
    yield from (found.span() for found in SHAPES.finditer(text))
    yield from (found.span() for found in RUN.finditer(text) if _looks_random(found.group()))
    yield from (found.span() for found in CARD.finditer(text) if _adds_up(found.group()))


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W\d_]+|\d+", spaced.casefold())
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return words


def _nearest_first(links: tuple[Link, ...]) -> Iterator[tuple[list[str], bool]]:
    """What each link calls the element, the last link first; and whether that is a name, or only a class or a tag."""
    for link in reversed(links):
        if link.by in {By.CSS, By.XPATH, By.FRAME} and isinstance(link.value, str):
            for part in reversed(re.findall(r"(?:\[[^\]]*\]|\([^)]*\)|[^\s>+~/\[(])+", link.value)):
                yield re.split(r"[\[\]#.:(),=@]+", part), bool(NAMING.search(part))
        elif link.by in CHAINED and isinstance(link.value, Locator):
            inner = [name for names, _ in _nearest_first(link.value.links) for name in names]
            yield inner, False
        elif link.by not in {By.NTH, By.VISIBLE, By.HAS_NOT_TEXT}:
            said = link.name if link.by is By.ROLE else link.value
            yield [said.re if isinstance(said, Pattern) else str(said or "")], said is not None


def _looks_random(run: str) -> bool:
    pieces = [piece for piece in re.split(r"[/_=+-]+", run) if len(piece) >= SHORTEST_PIECE]
    whole = re.sub(r"[/_=+-]", "", run)
    return any(_is_drawn_by_lot(piece, TURNS_OF_A_PIECE) for piece in pieces) or _is_drawn_by_lot(whole, TURNS_OF_A_RUN)


def _is_drawn_by_lot(text: str, fewest_turns: float) -> bool:
    if len(text) < SHORTEST_PIECE or not re.search(r"\d", text) or not re.search(r"[A-Za-z]", text):
        return False
    kinds = ["digit" if one.isdigit() else "capital" if one.isupper() else "letter" for one in text]
    turns = sum(one != other for one, other in pairwise(kinds)) / (len(text) - 1)
    shares = [count / len(text) for count in Counter(text).values()]
    return turns >= fewest_turns and -sum(share * math.log2(share) for share in shares) >= FEWEST_BITS


def _adds_up(number: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(one) for one in reversed(number) if one.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0
