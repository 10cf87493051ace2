"""Tells by words what can't be taken back: what deletes, revokes, pays, publishes or accepts terms, in five languages.

A guess is never made on such an element unless the step itself is of that kind. The words are stems; each stands at the
beginning of a word.
"""

import re
from enum import StrEnum

from core.browser.snapshot import ElementSeen
from core.planner.plain import readings
from core.workflows.step import TaskStep


class Harm(StrEnum):
    """A kind of deed that can't be taken back."""

    REMOVES = "removes"
    PAYS = "pays"
    PUBLISHES = "publishes"
    ACCEPTS = "accepts terms"


ON_THE_WAY = frozenset({Harm.ACCEPTS})  # all that may have to be done on the way to a step, if a person allows it
STEMS: dict[Harm, tuple[str, ...]] = {
    Harm.REMOVES: (
        "delet", "submitdelet", "remov", "revok", "trash", "eras", "destroy", "discard", "uninstall", "deactivat",
        "disconnect", "reset", "wipe", "purge", "regenerat", "lösch", "gelöscht", "entfern", "widerruf", "papierkorb", "zurücksetz",
        "trennen", "verwerfen", "deaktivier", "deinstallier", "supprim", "révoqu", "retir", "corbeille", "réinitialis",
        "effac", "désactiv", "désinstall", "elimin", "borra", "revoc", "papelera", "restablec", "quitar", "descart",
        "desactiv", "desinstal", "cancella", "rimuov", "cestin", "disattiv", "disinstall",
    ),
    Harm.PAYS: (
        r"pay(?!ment|pal|out)", "purchas", "buy", "checkout", "subscrib", "upgrad", "transfer", "refund", r"orders? now",
        r"(?:place|send|submit|complete|confirm) (?:\w+ )?order", "bestellen", "bezahl", r"zahle", "zahlungspflicht", "kauf",
        "überweis", "abonnier", "achet", "rembours", "virement", "compra", "suscrib", "acquist", "paga",
    ),
    Harm.PUBLISHES: ("publish", "launch", "everyone", "veröffentlich", "publier", "publicar", "pubblic"),
    Harm.ACCEPTS: ("accept", "agree", "consent", "akzeptier", "zustimm", "einverstanden", "acept", "accett"),
}  # fmt: skip
# The same in languages that no workflow was learnt in: pages come in them, and attackers write them. No word of ours begins so.
FURTHER_STEMS: dict[Harm, str] = {
    Harm.REMOVES: r"(?<!\w)(?:verwijder|wissen|intrekken|exclui|apaga|remova|usuń|usun|usuwa|skasuj|ta bort|radera|slett|fjern|odstran|"
    r"smaza|odebra|удал|стере|отозв|отзыв|видал|sil\b|kaldir)|削除|取り消|破棄|删除|刪除|移除|撤销|清空|삭제|제거",
    Harm.PAYS: r"(?<!\w)(?:betaal|koop\b|kopen|bestel|zaplac|zapłać|kup\b|kupuj|betala|köp\b|оплат|купи|заказ|satin al|öde\b)|"
    r"購入|支払|购买|支付|付款|구매|결제",
    Harm.PUBLISHES: r"(?<!\w)(?:publiceer|opublikuj|publicera|опублик|yayinla)|公開(?!鍵)|发布|發布|게시",
    Harm.ACCEPTS: r"(?<!\w)(?:akkoord|aceit|concord|akcept|zgadzam|godkänn|godta|соглас|принима|принять|kabul)|同意|承諾|接受|동의",
}
DONE_BY_ADDRESS = frozenset({"nonce", "wpnonce", "token", "csrf"})
FURTHER = {harm: re.compile(stems, re.IGNORECASE) for harm, stems in FURTHER_STEMS.items()}
PATTERNS = {harm: re.compile(rf"(?<!\w)(?:{'|'.join(stems)})", re.IGNORECASE) for harm, stems in STEMS.items()}


def harms_of(text: str) -> frozenset[Harm]:
    """The kinds of deed that this text speaks of; how its letters are written does not hide it."""
    said = readings(text)
    return frozenset(harm for harm, pattern in PATTERNS.items() if pattern.search(said) or FURTHER[harm].search(said))


def harms_of_element(element: ElementSeen) -> frozenset[Harm]:
    """What touching this element may do, by its name, what it says, and its technical words."""
    return harms_of(" ".join((element.name, element.text, *element.words, *element.leads)))


def harms_of_step(step: TaskStep) -> frozenset[Harm]:
    """What this step is meant to do, by its intent and target."""
    return harms_of(" ".join((step.intent, step.target)))


def does_something(element: ElementSeen) -> bool:
    """Whether the address that it leads to is made for doing something, once, by whoever is signed in."""
    return not DONE_BY_ADDRESS.isdisjoint(element.leads)
