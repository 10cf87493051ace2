"""Takes live secrets out of every text that leaves the browser, in each form they may have taken on the way."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

from core.security.secret import MASK
from core.spans import merged

SHORTEST = 4  # characters; shorter ones would blot out ordinary words, and are refused as passwords anyway
SPELT_OUT = 8  # letters and digits; fewer, in any case and with anything in between, are found in ordinary words
COVER = MASK
PERCENT = re.compile("%[0-9A-F]{2}")
NOTHING = re.compile(r"(?!)")
NO_LETTER = re.compile(r"[\W_]+")


class Redactor:
    """Knows the secrets that are live in one run. Values go in and never come out.

    A secret is found in each form that encodings give it; one that is not short also in capitals, backwards, and with
    signs or spaces between its letters.
    """

    def __init__(self) -> None:
        self._values: dict[str, bool] = {}  # whether each is taken out only as a word
        self._letters: set[str] = set()  # of those that are neither short nor only words, forwards and backwards
        self._pattern = self._anywhere = NOTHING

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} secrets)"

    def learn(self, value: str, *, as_a_word: bool = False) -> None:
        """Take this value, and whatever it may be written as, out of every text from now on.

        What a person has answered may be any word: `as_a_word` it is taken out only where it stands by itself.
        """
        if len(value.strip()) < SHORTEST or self._values.get(value) in {False, as_a_word}:
            return
        self._values[value] = as_a_word
        longest_first = sorted(self._values, key=len, reverse=True)
        forms = {one: _any_form_of(one) for one in longest_first}
        self._anywhere = re.compile("|".join(forms.values()))
        self._pattern = re.compile(
            "|".join(rf"(?<!\w)(?:{forms[one]})(?!\w)" if self._values[one] else forms[one] for one in longest_first)
        )
        letters = _letters_of(value)
        if len(letters) >= SPELT_OUT and not as_a_word:
            self._letters |= {letters, letters[::-1]}

    def redact(self, text: str) -> str:
        """The text with every live secret replaced."""
        parts, begin = [], 0
        for start, end in self.spans(text):
            parts += [text[begin:start], COVER]
            begin = end
        return "".join([*parts, text[begin:]]) if parts else text

    def spans(self, text: str, *, without_spaces: bool = False) -> list[tuple[int, int]]:
        """Where live secrets stand in a text: pairs of start and end, in order. In one `without_spaces` nothing stands by itself."""
        pattern = self._anywhere if without_spaces else self._pattern
        found = [hit.span() for hit in pattern.finditer(text)]
        letters = _letters_of(text) if self._letters else ""
        if any(one in letters for one in self._letters):
            found += self._spelt_out(text)
        return merged(found)

    def _spelt_out(self, text: str) -> list[tuple[int, int]]:
        """Where the letters of a secret stand in a row, whatever is between them."""
        at = [index for index, sign in enumerate(text) for _ in _letters_of(sign)]
        letters = _letters_of(text)
        return [
            (at[hit.start()], at[hit.end() - 1] + 1)
            for one in self._letters
            for hit in re.finditer(re.escape(one), letters)
        ]


def _any_form_of(value: str) -> str:
    """A pattern for the value in any of its forms, the longest first."""
    return "|".join(re.escape(form) for form in sorted(forms_of(value), key=len, reverse=True))


def _letters_of(text: str) -> str:
    """Its letters and digits alone, each of them small."""
    return NO_LETTER.sub("", text.casefold())


def forms_of(value: str) -> frozenset[str]:
    """A value as it is, trimmed, without its spaces, and as percent, form, JSON, HTML, hex and base64 encodings write it."""
    forms: set[str] = set()
    for text in {value, value.strip(), " ".join(value.split()), "".join(value.split())}:
        raw = text.encode()
        percent = {quote(text), quote(text, safe=""), quote_plus(text), "".join(f"%{byte:02X}" for byte in raw)}
        forms |= {text, html.escape(text), html.escape(text, quote=False)}
        forms |= percent | {PERCENT.sub(lambda byte: byte[0].lower(), form) for form in percent}
        forms |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], raw.hex(), raw.hex().upper()}
        forms |= _base64_forms(raw)
    return frozenset(form for form in forms if len(form) >= SHORTEST)


def _base64_forms(raw: bytes) -> set[str]:
    """What base64 makes of the bytes wherever they stand in a longer text: at each of the three offsets, without its ragged ends."""
    forms: set[str] = set()
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw).decode()
        skip = (0, 2, 3)[offset]  # characters that also depend on what stands before
        steady = (offset + len(raw)) * 8 // 6  # characters that don't depend on what follows
        inner = text[skip:steady]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= 2 * SHORTEST}
