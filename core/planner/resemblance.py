"""How alike two elements are: a weighted mean over what is known of the one that was recorded.

1. Each part of it (name, technical words, where it leads, what stands around it …) is compared by the words both have.
2. Words mean what they mean (concepts.py), and count for as much as they tell: one that every element of the page has tells
   nothing (its inverse document frequency, after K. Spärck Jones, 1972).
3. A part that the fingerprint lacks does not count; one that the element lacks counts little against it, for a restyled page
   leaves things out.
4. An element of the very same name is what people would go by, so it is taken for alike by some of what it lacks.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.browser.snapshot import ElementSeen
from core.planner.concepts import meant
from core.planner.fingerprints import Fingerprint

# What each part weighs. Names tell most; where something stands tells least, for that changes first.
ROLE, NAME, WORDS, LEADS, NEAR, FORM, KIND, ORDER, PLACE, OPTIONS = 1.0, 4.0, 2.5, 1.5, 2.0, 1.5, 1.0, 1.0, 0.5, 2.0
ALIKE_WORD = 0.8  # ratio from which on two words are the same one
LACKING = 0.25  # what a part is worth that the element does not have
BY_NAME = 0.4  # of what is missing to 1, an element of the same name is forgiven
INTERCHANGEABLE = (
    frozenset({"button", "link", "menuitem", "tab", "generic"}),
    frozenset({"textbox", "searchbox", "spinbutton"}),
    frozenset({"combobox", "listbox"}),
    frozenset({"checkbox", "switch", "radio"}),
)
SAME_GROUP = 0.6  # a button that became a link is one still, as far as people are concerned

Words = frozenset[str]


@dataclass(frozen=True)
class Crowd:
    """The elements that one is told from: how many of them have each word."""

    having: Counter[str]

    @classmethod
    def of(cls, elements: Sequence[ElementSeen]) -> "Crowd":
        """By all the words that they have in any part."""
        return cls(Counter(word for element in elements for word in _all_words(element)))

    def tells(self, word: str) -> float:
        """How much this word tells, from 1 for a rare one down to almost nothing."""
        return 1 / max(1, self.having[word])


NOBODY = Crowd(Counter())


def likeness(look: Fingerprint, element: ElementSeen, crowd: Crowd = NOBODY) -> float:
    """From 0 to 1; 0 for an element that plays another role altogether."""
    role = _role(look.role, element.role)
    if not role:
        return 0.0
    names = _names(look, element)
    parts = [
        (ROLE, role),
        *_compared(NAME, *names, crowd),
        *_compared(WORDS, words_of(look.words), words_of(element.words), crowd),
        *_compared(LEADS, words_of(look.leads), words_of(element.leads), crowd),
        *_compared(NEAR, words_of(look.near), words_of(element.near), crowd),
        *_compared(FORM, words_of(look.form.split()), words_of(element.form.split()), NOBODY),
        *_compared(OPTIONS, words_of(look.options), words_of(element.options), NOBODY),
        (ORDER, 1 - abs(_share(look.nth, look.of) - _share(element.nth, element.of))),
        *([(KIND, float(look.kind == element.kind))] if look.kind else []),
        *([(PLACE, float(look.place == element.place))] if look.place else []),
    ]
    score = sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
    return score + (1 - score) * BY_NAME if names[0] and names[0] == names[1] else score


def _names(look: Fingerprint, element: ElementSeen) -> tuple[Words, Words]:
    """What both are called. Where the one that was recorded has none, what stands around is its name, and the other's if it has none."""
    wanted, there = (words_of((one.name or one.placeholder,)) for one in (look, element))
    if wanted:
        return wanted, there or words_of((element.text,))
    return words_of(look.near), there or words_of(element.near)


def _all_words(element: ElementSeen) -> Words:
    named = element.name or element.placeholder or element.text
    around = () if named else element.near
    return words_of((element.name, element.placeholder, element.text, *element.words, *element.leads, *around))


def _role(recorded: str, found: str) -> float:
    if recorded == found:
        return 1.0
    return SAME_GROUP if any({recorded, found} <= group for group in INTERCHANGEABLE) else 0.0


def _compared(weight: float, wanted: Words, there: Words, crowd: Crowd) -> list[tuple[float, float]]:
    """One part with its weight, or none if nothing was recorded."""
    if not wanted:
        return []
    return [(weight, shared(wanted, there, crowd) if there else LACKING)]


def words_of(texts: Iterable[str]) -> Words:
    """The words of some texts, each as the one that stands for its meaning."""
    return frozenset(word for text in texts for word in meant(text).split())


def shared(wanted: Words, there: Words, crowd: Crowd = NOBODY) -> float:
    """How much of what both tell they share: halfway between Jaccard's index and the overlap coefficient."""
    both = [word for word in wanted if any(_same(word, other) for other in there)]
    worth = sum(crowd.tells(word) for word in both)
    if not both or not worth:
        return 0.0
    mine, theirs = (sum(crowd.tells(word) for word in words) for words in (wanted, there))
    union, smaller = max(mine + theirs - worth, worth), max(min(mine, theirs), worth)
    return worth / ((union + smaller) / 2)


def _same(word: str, other: str) -> bool:
    if word == other:
        return True
    return min(len(word), len(other)) > 3 and SequenceMatcher(None, word, other).ratio() >= ALIKE_WORD


def _share(nth: int, of: int) -> float:
    return nth / (of - 1) if of > 1 else 0.0
