"""What an answer of the model means on the page it was asked about; what does not fit that page is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.browser import actions
from core.browser.page import BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.commands import AnyCommand, Ask, BadAnswer, Choose, Click, Detouring, Fill, GiveUp, Tick, Use
from core.planner.harm import harms_of, harms_of_element, harms_of_step
from core.planner.listing import LONGEST_NAME, LONGEST_OPTION
from core.planner.plain import plain, readings
from core.planner.planner import AskPerson, Choice, Decision, Detour, Rung, Situation, Undecided
from core.planner.prompts import EDITION
from core.planner.resemblance import shared, words_of
from core.planner.suitable import CHOSEN_FROM, NEVER_POINTED_AT, PASSWORD, TICKED, WRITTEN_IN
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, TaskStep

PRESSING = frozenset({ActionKind.CLICK, ActionKind.PRESS})
NOT_TYPED_INTO = frozenset({"file", "color", "date", "datetime-local", "month", "time", "week", "range"})
NEVER_ASKED = re.compile(
    r"pass\s?(word|phrase|code|key)|\bpins?\b|\bcvv|\bcvc|card number|credit card|\biban\b|secret|\bapi key|"
    r"\btokens?\b|recovery|(security|verification|authentication|confirmation) code|one-time|\botp\b|://|www\.|"
    r"passwor|kennwort|geheim|kreditkarte|(best.?tigungs|sicherheits|zugangs)code|mot de passe|contrase|wachtwoord|"
    r"parola|palavra-passe|senha|has[lł]o|l.senord|adgangskode|şifre|sifre|пароль|パスワード|暗証|密码|密碼|비밀번호",
    re.IGNORECASE,
)
# Fields that hide what is typed, and are for something else than the secret that a run signs in with.
ANOTHER_SECRET = re.compile(
    r"\b(new|neu\w*|nouveau|nuev[oa]|nuov[oa]|repeat|again|confirm\w*|retype|change|wiederhol\w*|best.?tig\w*|cc|csc|cvc|cvv|card|pin|otp)\b",
    re.IGNORECASE,
)
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
LEADS_ONLY = frozenset({"link", "tab", "menuitem"})
DOES_SOMETHING = frozenset({"nonce", "wpnonce", "token", "csrf"})  # in an address


@dataclass(frozen=True)
class Asked:
    """What the model was asked: where, about which elements, and how its words are made fit to be read."""

    situation: Situation
    page: BrowserPage
    listed: Mapping[str, ElementSeen]
    redact: Callable[[str], str]
    model: str


async def choice_of(command: AnyCommand, asked: Asked) -> Choice:
    """What is to be done. Raises BadAnswer if it does not fit the page that was shown, or that page is gone."""
    if isinstance(command, Ask):
        return AskPerson(_question(asked.redact(command.question)))
    if isinstance(command, GiveUp):
        return Undecided(because=_no_way(asked.redact(command.reason)))
    element = _listed(command.ref, asked)
    objection = _objection(command, element, asked.situation)
    if objection:
        raise BadAnswer(because=f"{command.do} {command.ref}: {objection}")
    there = await asked.page.ways_to(command.ref)
    if not there:
        raise BadAnswer(because=f"{command.do} {command.ref}: the element is gone.")
    ways = tuple(way for way in there if way not in asked.situation.failed)
    if not ways:
        raise BadAnswer(because=f"{command.do} {command.ref}: that was tried, and could not be acted on.")
    if isinstance(command, Use):
        note, evidence = f"{asked.model} took it for what was meant", {"model": asked.model, "edition": EDITION}
        return Decision(ways[0], Rung.MODEL, note, element, ways[1:], evidence)
    return _detour(command, element, ways[0], asked)


def _question(words: str) -> str:
    """A page may have talked the model into asking a person for what nobody should tell."""
    if asks_for_a_secret(words):
        raise BadAnswer(because="a person is never asked for a secret, and is shown no address.")
    return words


def _no_way(reason: str) -> str:
    """A person reads this, too."""
    return "The model finds no way." if asks_for_a_secret(reason) else f"The model finds no way: {reason}"


def asks_for_a_secret(words: str) -> bool:
    """Whether somebody who reads this could be brought to tell a secret, or is shown an address."""
    return NEVER_ASKED.search(readings(words)) is not None


def _listed(ref: str, asked: Asked) -> ElementSeen:
    if ref not in asked.listed:
        raise BadAnswer(because=f"{ref} is not in the list.")
    return asked.listed[ref]


def _objection(command: Use | Detouring, element: ElementSeen, situation: Situation) -> str:
    """Why this can't be done with this element; empty if it can. What can't be taken back, the step itself has to name."""
    if harms_of_element(element) - harms_of_step(situation.step):
        return "that may not be possible to take back, and the step does not say so."
    return _unfit(command, element, situation) or _unfounded(command, element, situation.step)


def _unfit(command: Use | Detouring, element: ElementSeen, situation: Situation) -> str:
    """Why an element of this kind does not take this; empty if it does."""
    match command:
        case Use():
            return use_objection(element, situation)
        case Click():
            return _clickable(element)
        case Tick():
            return _of_role(element, TICKED, "box")
        case Choose():
            return _of_role(element, CHOSEN_FROM, "list") or (
                "" if _option(command, element) else "it has no such option."
            )
        case Fill():
            return _field(element, secret=False) or _plain_slot(command.slot, situation)


def _unfounded(command: Use | Detouring, element: ElementSeen, step: TaskStep) -> str:
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
    patterns = (SIGNS_OUT,) if role in LEADS_ONLY else (SIGNS_OUT, TAKES_HOLD)
    return frozenset(found[0].casefold() for pattern in patterns for found in pattern.finditer(said))


def _pressed_in_vain(command: Use | Detouring, element: ElementSeen, step: TaskStep) -> str:
    """Why this is not pressed on the model's word."""
    if not HAS_A_WORD.search(element.name or element.text):
        return "its name does not say what it does."
    meant = isinstance(command, Use) and harms_of_element(element) & harms_of_step(step)
    if DOES_SOMETHING.intersection(element.leads) and not meant:
        return "its address does something."
    if element.kind not in SENDS_A_FORM or not element.form:
        return ""
    if isinstance(command, Use) and shared(
        words_of((step.intent, step.target)), words_of((element.name, element.text))
    ):
        return ""
    return "it sends a form, and does not speak of the step."


def use_objection(element: ElementSeen, situation: Situation) -> str:
    """Why the step can't be done on this element; empty if it can."""
    match situation.step.action:
        case ActionKind.HOVER | ActionKind.CAPTURE:
            return ""
        case ActionKind.FILL:
            return _field(element, secret=situation.secret is not None)
        case ActionKind.SELECT:
            return _of_role(element, CHOSEN_FROM, "list")
        case ActionKind.CHECK | ActionKind.UNCHECK:
            return _of_role(element, TICKED, "box")
        case _:
            return _clickable(element)


def _clickable(element: ElementSeen) -> str:
    if element.role in NEVER_POINTED_AT:
        return f"a {element.role} is nothing to click."
    return "" if element.enabled else "it is switched off."


def _of_role(element: ElementSeen, roles: frozenset[str], what: str) -> str:
    if element.role not in roles:
        return f"it is no {what}."
    return "" if element.enabled else "it is switched off."


def _field(element: ElementSeen, *, secret: bool) -> str:
    """What is secret or not is only said here by the kind of field; the façade looks at the field itself, too."""
    if element.options or element.kind in NOT_TYPED_INTO:
        return "it is no field to type into."
    if (element.kind == PASSWORD) is not secret:
        return "a secret goes into a field for one, and nothing else does."
    if secret and ANOTHER_SECRET.search(readings(" ".join((element.name, element.placeholder, *element.words)))):
        return "it is for another secret."
    return _of_role(element, WRITTEN_IN, "field") or ("it can't be changed." if element.read_only else "")


def _option(command: Choose, element: ElementSeen) -> str | None:
    """The option as the page has it; the model was shown its plain and short form."""
    return next((one for one in element.options if plain(one, LONGEST_OPTION) == command.option), None)


def _plain_slot(slot: str, situation: Situation) -> str:
    if slot == situation.secret:
        return "that is a secret, and is typed by its own step alone."
    return "" if slot in situation.slots else "there is no such slot."


def _detour(command: Detouring, element: ElementSeen, target: Locator, asked: Asked) -> Detour:
    named = f"“{plain(element.name, LONGEST_NAME) or element.role}”"
    note = asked.redact(command.why)
    match command:
        case Click():
            return Detour(actions.Click(target), element, Rung.MODEL, f"Click {named}", note)
        case Tick():
            return Detour(actions.SetChecked(target, checked=True), element, Rung.MODEL, f"Tick {named}", note)
        case Choose():
            intent = f"Choose “{command.option}” in {named}"
            option = _option(command, element) or command.option
            return Detour(actions.Select(target, option), element, Rung.MODEL, intent, note)
        case Fill():
            intent = f"Fill {named} with {command.slot}"
            text = asked.situation.slots[command.slot]
            return Detour(actions.Fill(target, text), element, Rung.MODEL, intent, note)
