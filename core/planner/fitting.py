"""What an answer of the model means on the page it was asked about; what does not fit that page is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.browser import actions
from core.browser.page import BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.commands import AnyCommand, Ask, BadAnswer, Choose, Click, Detouring, Fill, GiveUp, Tick, Use
from core.planner.harm import harms_of_element, harms_of_step
from core.planner.listing import LONGEST_NAME, LONGEST_OPTION
from core.planner.plain import plain
from core.planner.planner import AskPerson, Choice, Decision, Detour, Rung, Situation, Undecided
from core.planner.prompts import EDITION
from core.planner.suitable import CHOSEN_FROM, NEVER_POINTED_AT, PASSWORD, TICKED, WRITTEN_IN
from core.workflows.locator import Locator
from core.workflows.step import ActionKind

NOT_TYPED_INTO = frozenset({"file", "color", "date", "datetime-local", "month", "time", "week", "range"})
NEVER_ASKED = re.compile(
    r"pass\s?(word|phrase|code|key)|\bpins?\b|\bcvv|\bcvc|card number|credit card|\biban\b|secret|\bapi key|"
    r"\btokens?\b|recovery|security code|one-time|\botp\b|://|www\.",
    re.IGNORECASE,
)


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
        return Undecided(because=f"The model finds no way: {asked.redact(command.reason)}")
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
    if NEVER_ASKED.search(words):
        raise BadAnswer(because="a person is never asked for a secret, and is shown no address.")
    return words


def _listed(ref: str, asked: Asked) -> ElementSeen:
    if ref not in asked.listed:
        raise BadAnswer(because=f"{ref} is not in the list.")
    return asked.listed[ref]


def _objection(command: Use | Detouring, element: ElementSeen, situation: Situation) -> str:
    """Why this can't be done with this element; empty if it can. What can't be taken back, the step itself has to name."""
    if harms_of_element(element) - harms_of_step(situation.step):
        return "that may not be possible to take back, and the step does not say so."
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
