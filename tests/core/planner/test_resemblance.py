"""How alike two elements are: in what they are called, what they mean, where they lead, and what stands around them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.browser.snapshot import ElementSeen
from core.planner.fingerprints import Fingerprint
from core.planner.resemblance import Crowd, likeness, shared, words_of

WORDS = ("key", "keys", "api", "save", "löschen", "shop", "button", "wp", "primary", "x", "\u00d7", "")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
TUPLES = st.lists(st.sampled_from(WORDS), max_size=5).map(tuple)
PLACES = st.sampled_from(("", "main", "dialog"))
ROLES = st.sampled_from(("button", "link", "textbox", "combobox", "heading"))
PARTS = {"name": TEXTS, "text": TEXTS, "placeholder": TEXTS, "words": TUPLES, "leads": TUPLES, "near": TUPLES}
ELEMENTS = st.integers(1, 9).flatmap(
    lambda of: st.builds(
        ElementSeen,
        ref=st.just("e1"),
        role=ROLES,
        kind=st.sampled_from(("", "submit", "text")),
        place=PLACES,
        form=TEXTS,
        nth=st.integers(0, of - 1),
        of=st.just(of),
        options=TUPLES,
        **PARTS,
    )
)
CROWDS = st.lists(ELEMENTS, max_size=4)

SAVE = ElementSeen(
    "button", "Save", "submit", "Save", words=("save", "key"), near=("Key details",), place="main", ref="e1"
)
LOOK = Fingerprint.of_element(SAVE)


@given(ELEMENTS, ELEMENTS, CROWDS)
def test_likeness_is_between_0_and_1(recorded: ElementSeen, found: ElementSeen, others: Sequence[ElementSeen]) -> None:
    assert 0 <= likeness(Fingerprint.of_element(recorded), found, Crowd.of([found, *others])) <= 1 + 1e-9


@given(ELEMENTS, CROWDS)
def test_nothing_is_more_like_an_element_than_itself(element: ElementSeen, others: Sequence[ElementSeen]) -> None:
    look, crowd = Fingerprint.of_element(element), Crowd.of([element, *others])
    assert likeness(look, element, crowd) == pytest.approx(1)
    assert all(likeness(look, other, crowd) <= 1 + 1e-9 for other in others)


@given(TUPLES, TUPLES)
def test_no_words_share_more_than_the_same_words(some: tuple[str, ...], others: tuple[str, ...]) -> None:
    assert 0 <= shared(words_of(some), words_of(others)) <= 1 + 1e-9
    if words_of(some):
        assert shared(words_of(some), words_of(some)) == pytest.approx(1)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SAVE, name="Keep", text="Keep"),
        replace(SAVE, words=("x1",)),
        replace(SAVE, near=("Products",)),
        replace(SAVE, place="header"),
        replace(SAVE, kind="button"),
        replace(SAVE, role="link"),
        replace(SAVE, nth=2, of=3),
    ],
    ids=["name", "technical words", "neighbours", "place", "kind", "role", "order"],
)
def test_each_part_that_differs_makes_it_less_alike(changed: ElementSeen) -> None:
    assert likeness(LOOK, changed) < likeness(LOOK, SAVE)


def test_a_button_may_become_a_link_and_never_a_field() -> None:
    assert likeness(LOOK, replace(SAVE, role="link")) > 0
    assert likeness(LOOK, replace(SAVE, role="textbox")) == 0


def test_what_an_element_lacks_counts_less_against_it_than_what_is_otherwise() -> None:
    lacking, otherwise = replace(SAVE, words=()), replace(SAVE, words=("search", "products"))
    assert likeness(LOOK, otherwise) < likeness(LOOK, lacking)


def test_what_was_never_known_counts_for_nobody() -> None:
    unknown = replace(LOOK, near=())
    assert likeness(unknown, SAVE) == likeness(unknown, replace(SAVE, near=("Products",)))


def test_what_means_the_same_is_more_alike_than_what_does_not() -> None:
    german, another = (replace(SAVE, name=name, text=name) for name in ("Speichern", "Suchen"))
    assert likeness(LOOK, german) == pytest.approx(likeness(LOOK, SAVE))
    assert likeness(LOOK, another) < likeness(LOOK, german)


def test_a_word_is_known_in_another_form_and_a_short_one_only_as_it_is() -> None:
    assert shared(words_of(["integration"]), words_of(["integrations"])) > 0
    assert shared(words_of(["tax"]), words_of(["taxi"])) == 0


def test_words_that_every_element_has_tell_nothing() -> None:
    look = replace(LOOK, words=("wp", "button", "primary", "oolong"))
    common, telling = replace(SAVE, words=("wp", "button", "primary")), replace(SAVE, words=("oolong",))
    nine_like_it = [replace(SAVE, ref=f"e{number}", words=common.words) for number in range(2, 11)]
    crowd = Crowd.of([common, telling, *nine_like_it])
    assert likeness(look, telling, crowd) > likeness(look, common, crowd)
    assert likeness(look, telling) < likeness(look, common)


def test_a_field_without_a_name_goes_by_its_placeholder() -> None:
    field = Fingerprint("textbox", "", "text", placeholder="Search the shop")
    named = ElementSeen("textbox", "Search the shop", "text", ref="e1")
    assert likeness(field, named) > likeness(field, replace(named, name="Description"))


def test_of_fields_without_a_name_the_one_beside_the_same_words_is_meant() -> None:
    look = Fingerprint("textbox", kind="text", words=("key", "consumer"), near=("Consumer key", "Copy"), of=2)
    boxes = [
        ElementSeen(
            "textbox", kind="text", words=("box",), near=(f"Consumer {which}", "Copy"), nth=nth, of=2, ref=which
        )
        for nth, which in enumerate(("secret", "key"))
    ]
    other, same = (likeness(look, one, Crowd.of(boxes)) for one in boxes)
    assert same - other > 0.2
