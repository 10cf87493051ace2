"""Words of admin pages mean what they mean, in five languages and however they are written."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.planner.concepts import MEANINGS, meant

PHRASES = [phrase for meaning in MEANINGS for phrase in meaning]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Log In", "Anmelden"),
        ("Password", "Mot de passe"),
        ("Create key", "Generar clave"),
        ("API keys", "Schlüssel"),
        ("Description", "Bezeichnung"),
        ("Permissions", "Autorizzazioni"),
        ("Save changes", "Enregistrer"),
        ("Log out", "Se déconnecter"),
    ],
)
def test_the_same_in_another_language_means_the_same(one: str, other: str) -> None:
    assert meant(one) == meant(other)


@pytest.mark.parametrize(
    ("way_in", "way_out"), [("Log in", "Log out"), ("Anmelden", "Abmelden"), ("Connexion", "Déconnexion")]
)
def test_a_way_out_is_no_way_in(way_in: str, way_out: str) -> None:
    assert meant(way_in) == "signin"
    assert meant(way_out) == "signout"


def test_a_word_within_another_is_not_that_word() -> None:
    assert meant("Preview") == "preview"
    assert meant("Nameless") == "nameless"


def test_case_signs_and_what_only_joins_words_mean_nothing() -> None:
    assert meant("  The PASSWORD for your shop: ") == meant("password shop") == "password shop"


def test_letters_and_their_accents_may_be_written_apart() -> None:
    assert meant("Schlu\u0308ssel") == meant("Schlüssel")


def test_what_consists_of_joining_words_alone_stays_as_it_is() -> None:
    assert meant("To the") == "to the"


def test_what_is_unknown_stays_as_it_is() -> None:
    assert meant("Oolong 2024") == "oolong 2024"


def test_no_phrase_means_two_things_and_each_meaning_stands_for_itself() -> None:
    assert [phrase for phrase, times in Counter(PHRASES).items() if times > 1] == []
    assert [meaning[0] for meaning in MEANINGS if meant(meaning[0]) != meaning[0]] == []


def test_what_a_phrase_stands_for_may_be_a_part_of_another() -> None:
    assert meant("REST API keys") == meant("API keys") == meant("keys")


@given(st.lists(st.sampled_from([*PHRASES, "the", "in", "up", "out", "rest", "Oolong"])).map(" ".join) | st.text())
def test_what_a_text_means_means_nothing_else(text: str) -> None:
    assert meant(meant(text)) == meant(text)
