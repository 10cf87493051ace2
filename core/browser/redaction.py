"""Takes live secrets out of every text that leaves the browser, in each form they may have taken on the way."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

SHORTEST = 4  # characters; shorter ones would blot out ordinary words, and are refused as passwords anyway
COVER = "•••"


class Redactor:
    """Knows the secrets that are live in one run. Values go in and never come out."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} secrets)"

    @property
    def knows_any(self) -> bool:
        """Whether there is anything to take out yet."""
        return bool(self._values)

    def learn(self, value: str) -> None:
        """Take this value, and whatever it may be written as, out of every text from now on."""
        if len(value.strip()) < SHORTEST or value in self._values:
            return
        self._values.add(value)
        forms = {form for known in self._values for form in forms_of(known)}
        whole = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
        self._pattern = re.compile("|".join((*whole, *map(_apart, self._values))), re.IGNORECASE)

    def redact(self, text: str) -> str:
        """The text with every live secret replaced."""
        return self._pattern.sub(COVER, text) if self._pattern else text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where live secrets stand in a text that has had all its white space removed: pairs of start and end."""
        found = []
        for value in self._values:
            compact = "".join(value.split())
            found += [(hit.start(), hit.end()) for hit in re.finditer(re.escape(compact), text)]
        return found


def _apart(value: str) -> str:
    """A pattern for its letters with something between them, forwards and backwards: so a page may write what it was given."""
    return "|".join(r"[\W_]{0,3}".join(map(re.escape, letters)) for letters in (value, value[::-1]))


def forms_of(value: str) -> frozenset[str]:
    """A value as it is, trimmed, and as percent, form, JSON, HTML, hex and base64 encodings write it."""
    forms: set[str] = set()
    for text in {value, value.strip(), " ".join(value.split())}:
        raw = text.encode()
        forms.add("".join(f"%{byte:02x}" for byte in raw))
        forms |= {
            text,
            quote(text),
            quote(text, safe=""),
            quote_plus(text),
            html.escape(text),
            html.escape(text, quote=False),
        }
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
