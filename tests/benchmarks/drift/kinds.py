"""All kinds of change, in the order in which they are made, and the pairs that make no sense."""

from collections.abc import Iterable
from itertools import combinations

from tests.benchmarks.drift.forms import BUTTONS_AND_LINKS, DECOYS, NEW_CHOICE, NEW_TICK, REORDERED, TOASTS
from tests.benchmarks.drift.kind import Kind
from tests.benchmarks.drift.names import IDS, RESTYLED, WORDS_AND_IDS
from tests.benchmarks.drift.ways import (
    COVERED,
    FORM_IN_A_MODAL,
    IN_A_SHADOW,
    LAZY,
    OTHER_MENU,
    SPLIT_FORM,
    SPLIT_SIGN_IN,
)
from tests.benchmarks.drift.wordings import ICONS_ONLY, ICONS_TITLED, IN_GERMAN, PLACEHOLDERS, REWORDED

# What there is comes first, then its order and its words, then its looks and what is around it, then what it is called.
KINDS = (
    NEW_CHOICE,
    NEW_TICK,
    DECOYS,
    REORDERED,
    SPLIT_SIGN_IN,
    SPLIT_FORM,
    OTHER_MENU,
    REWORDED,
    WORDS_AND_IDS,
    BUTTONS_AND_LINKS,
    ICONS_ONLY,
    ICONS_TITLED,
    PLACEHOLDERS,
    TOASTS,
    RESTYLED,
    IN_A_SHADOW,
    FORM_IN_A_MODAL,
    COVERED,
    LAZY,
    IN_GERMAN,
    IDS,
)
BY_SLUG = {kind.slug: kind for kind in KINDS}
NO_PAIRS = {
    frozenset({"words-and-ids", "reworded"}): "the one has the other in it",
    frozenset({"words-and-ids", "ids"}): "the one has the other in it",
    frozenset({"german", "reworded"}): "both say everything in words of their own",
    frozenset({"german", "words-and-ids"}): "both say everything in words of their own",
    frozenset({"icons", "icons-titled"}): "an icon has one kind of name",
    frozenset({"restyled", "ids"}): "the restyled pages have no ids left to change",
    frozenset({"restyled", "words-and-ids"}): "the restyled pages have no ids left to change",
}


def in_order(slugs: Iterable[str]) -> tuple[Kind, ...]:
    """These kinds, in the order in which they are made. Raises KeyError for one that is none."""
    wanted = [BY_SLUG[slug].slug for slug in slugs]
    return tuple(kind for kind in KINDS if kind.slug in wanted)


def pairs() -> list[tuple[Kind, Kind]]:
    """Every two kinds that go together."""
    return [both for both in combinations(KINDS, 2) if frozenset(kind.slug for kind in both) not in NO_PAIRS]
