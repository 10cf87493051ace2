"""What the model's word alone is not enough for, since the page that it was shown may have put it there."""

import re

from core.browser.snapshot import ElementSeen
from core.planner.commands import Choose, Click, Detouring, Fill, Use
from core.planner.harm import does_something, harms_of, harms_of_element, harms_of_step
from core.planner.plain import readings
from core.planner.resemblance import shared, words_of
from core.planner.suitable import LED_BY
from core.workflows.step import PRESSING, TaskStep

# What changes who may do what in the shop, or what it does from then on. A model's word alone is not enough for it.
TAKES_HOLD = re.compile(
    r"\badmin(?!istration)\w*|\bowner|superuser|\broot\b|\binvit|\bpromot|\broles?\b|\bgrant|\bpermit|\ballow|\bapprov|\bauthori[sz]|"
    r"\b(full|write|all|any) (access|control|rights|permissions)|\bwrite\b|read_?write|anyone|another key|register|\b(add|new|create)\b.{0,9}\buser|"
    r"\binstall|\bactivat|\benable|\bdisable|(switch|turn) off|two.factor|\b2fa\b|\bcancel\w*\b.+\b(plan|order|subscription|account|membership)|"
    r"\bsend|\bnotify|\bbroadcast|\bsave|\b(change|update|reset|set)\b.{0,12}(password|e.?mail)|\b(einlad|berechtigen|genehmig|erlaub|"
    r"(ab)?speicher|schreiben|schreibzugriff|aktivier|kündig|senden|autoris|inviter|envoyer|enregistr|invitar|enviar|guardar|autoriz|invita|salva)",
    re.IGNORECASE,
)
SIGNS_OUT = re.compile(r"\b(log|sign).?(out|off)\b|abmelden|ausloggen|déconn|cerrar sesi|\besci\b", re.IGNORECASE)
SEEN_BY_OTHERS = re.compile(
    r"comment|review|message|public|kommentar|nachricht|bewertung|avis|mensaje|reseña|recension", re.IGNORECASE
)
HAS_A_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff]|^\W*[x×✕✖☰≡⋮⋯…?]\W*$", re.IGNORECASE)  # noqa: RUF001  signs that close or open
SENDS_A_FORM = frozenset({"submit", "image"})


def unfounded(command: Use | Detouring, element: ElementSeen, step: TaskStep) -> str:
    """Why the model's word alone is not enough for this, since the page may have put it there; empty if it is.

    What is chosen or pressed must not be harmful, take hold of the shop, or hide what it does. A form is sent only as the
    step itself, by a button that speaks of it.
    """
    option = command.option if isinstance(command, Choose) else ""
    if harms_of(option) - harms_of_step(step):
        return "that may not be possible to take back, and the step does not say so."
    if _holds(f"{element.name} {element.text} {option}", element.role) - _holds(f"{step.intent} {step.target}"):
        return "that changes who may do what in the shop, and the step does not say so."
    if isinstance(command, Fill) and (not element.kind or SEEN_BY_OTHERS.search(readings(element.name))):
        return "what is typed there may be for others to read."
    if isinstance(command, Click) or (isinstance(command, Use) and step.action in PRESSING):
        return _pressed_in_vain(command, element, step)
    return ""


def _holds(text: str, role: str = "") -> frozenset[str]:
    """The words by which this takes hold of the shop; what only leads somewhere does not, unless it signs out."""
    said = readings(text)
    patterns = (SIGNS_OUT,) if role in LED_BY else (SIGNS_OUT, TAKES_HOLD)
    return frozenset(found[0].casefold() for pattern in patterns for found in pattern.finditer(said))


def _pressed_in_vain(command: Use | Detouring, element: ElementSeen, step: TaskStep) -> str:
    """Why this is not pressed on the model's word."""
    if not HAS_A_WORD.search(element.name or element.text):
        return "its name does not say what it does."
    meant = isinstance(command, Use) and harms_of_element(element) & harms_of_step(step)
    if does_something(element) and not meant:
        return "its address does something."
    if element.kind not in SENDS_A_FORM or not element.form:
        return ""
    if isinstance(command, Use) and shared(
        words_of((step.intent, step.target)), words_of((element.name, element.text))
    ):
        return ""
    return "it sends a form, and does not speak of the step."
