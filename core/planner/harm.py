"""Tells by words what can't be taken back: what deletes, revokes, pays, publishes or accepts terms, in five languages.

A guess is never made on such an element unless the step itself is of that kind. The words are stems; each stands at the
beginning of a word.
"""

import re
from enum import StrEnum

from core.browser.snapshot import ElementSeen
from core.workflows.step import TaskStep


class Harm(StrEnum):
    """A kind of deed that can't be taken back."""

    REMOVES = "removes"
    PAYS = "pays"
    PUBLISHES = "publishes"
    ACCEPTS = "accepts terms"


STEMS: dict[Harm, tuple[str, ...]] = {
    Harm.REMOVES: (
        "delet", "remov", "revok", "trash", "eras", "destroy", "discard", "uninstall", "deactivat", "disconnect", "reset",
        "wipe", "purge", "regenerat", "lösch", "entfern", "widerruf", "papierkorb", "zurücksetz", "trennen", "supprim",
        "révoqu", "retir", "corbeille", "réinitialis", "effac", "elimin", "borrar", "borra", "revoc", "papelera",
        "restablec", "quitar", "cancella", "rimuov", "cestin",
    ),
    Harm.PAYS: (
        "pay", "purchas", "buy", "checkout", "subscrib", "upgrad", "transfer", "refund", "order", "bezahl", "zahl", "kauf",
        "überweis", "abonnier", "payer", "achet", "rembours", "virement", "pagar", "compr", "suscrib", "transferir",
        "acquist", "paga",
    ),
    Harm.PUBLISHES: ("publish", "launch", "everyone", "veröffentlich", "publier", "publicar", "pubblic"),
    Harm.ACCEPTS: ("accept", "agree", "consent", "akzeptier", "zustimm", "einverstanden", "accepter", "acept", "accett"),
}  # fmt: skip
PATTERNS = {harm: re.compile(rf"(?<!\w)(?:{'|'.join(stems)})", re.IGNORECASE) for harm, stems in STEMS.items()}


def harms_of(text: str) -> frozenset[Harm]:
    """The kinds of deed that this text speaks of."""
    return frozenset(harm for harm, pattern in PATTERNS.items() if pattern.search(text))


def harms_of_element(element: ElementSeen) -> frozenset[Harm]:
    """What touching this element may do, by its name, what it says, and its technical words."""
    return harms_of(" ".join((element.name, element.text, *element.words, *element.leads)))


def harms_of_step(step: TaskStep) -> frozenset[Harm]:
    """What this step is meant to do, by its intent and target."""
    return harms_of(" ".join((step.intent, step.target)))
