"""What can't be taken back is known by its words, in five languages, wherever on an element they stand."""

import pytest

from core.browser.snapshot import ElementSeen
from core.planner.harm import Harm, harms_of, harms_of_element, harms_of_step
from core.workflows.step import ActionKind, TaskStep

HARMFUL = {
    Harm.REMOVES: (
        "Delete",
        "Revoke API key",
        "Move to Trash",
        "Deactivate the plugin",
        "Reset all settings",
        "Löschen",
        "Schlüssel widerrufen",
        "In den Papierkorb",
        "Deaktivieren",
        "Verwerfen",
        "Supprimer",
        "Révoquer la clé",
        "Désactiver",
        "Eliminar",
        "Borrar todo",
        "Desinstalar",
        "Rimuovi",
        "Cestina",
        "Disattiva",
    ),
    Harm.PAYS: (
        "Pay now",
        "Place order",
        "Jetzt kaufen",
        "Bezahlen",
        "Acheter",
        "Comprar",
        "Pagar",
        "Acquista",
        "Paga",
    ),
    Harm.PUBLISHES: ("Publish", "Veröffentlichen", "Publier", "Publicar", "Pubblica"),
    Harm.ACCEPTS: ("I agree", "Accept all", "Akzeptieren", "Zustimmen", "J'accepte", "Aceptar", "Accetto"),
}


@pytest.mark.parametrize(("harm", "words"), [(harm, said) for harm, every in HARMFUL.items() for said in every])
def test_it_is_known_in_several_languages(harm: Harm, words: str) -> None:
    assert harms_of(words) == {harm}
    assert harms_of(words.upper()) == {harm}


@pytest.mark.parametrize(
    "words",
    [
        "Generate API key",
        "Save changes",
        "Public key",
        "Einstellungen",
        "Compris",
        "Image compression",
        "Enregistrer",
        "",
    ],
)
def test_what_does_nothing_of_the_kind_is_harmless(words: str) -> None:
    assert harms_of(words) == frozenset()


@pytest.mark.parametrize(
    "words",
    ["Lö\u00adschen", "De\u200blete", "Lo\u0308schen", "\uff24elete"],
    ids=["soft hyphen", "zero width space", "composed letter", "wide letter"],
)
def test_what_cannot_be_seen_in_a_word_does_not_hide_it(words: str) -> None:
    assert harms_of(words) == {Harm.REMOVES}


def test_one_text_may_speak_of_several_deeds() -> None:
    assert harms_of("Accept the terms, and pay") == {Harm.ACCEPTS, Harm.PAYS}


@pytest.mark.parametrize(
    "element",
    [
        ElementSeen("button", "Delete", ref="e1"),
        ElementSeen("button", "Go", text="Delete it", ref="e1"),
        ElementSeen("button", "\u00d7", words=("icon", "delete"), ref="e1"),
        ElementSeen("link", "\u00d7", words=("submitdelete",), ref="e1"),
        ElementSeen("link", "\u00d7", leads=("post", "action", "trash"), ref="e1"),
    ],
    ids=["its name", "what it says", "its technical words", "a class of WordPress", "where it leads"],
)
def test_an_element_is_known_by(element: ElementSeen) -> None:
    assert harms_of_element(element) == {Harm.REMOVES}


def test_what_stands_around_an_element_does_not_make_it_harmful() -> None:
    assert harms_of_element(ElementSeen("link", "View", near=("Till | View | Delete",), ref="e1")) == frozenset()


def test_a_step_says_what_it_does_by_its_intent_or_its_target() -> None:
    assert harms_of_step(TaskStep(1, "Revoke the key", ActionKind.CLICK, "the link")) == {Harm.REMOVES}
    assert harms_of_step(TaskStep(1, "End it", ActionKind.CLICK, "the link “Revoke”")) == {Harm.REMOVES}
    assert harms_of_step(TaskStep(1, "Generate the key", ActionKind.CLICK, "the button")) == frozenset()
