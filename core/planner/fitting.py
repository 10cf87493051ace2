"""What an answer of the model means on the page it was asked about; what does not fit that page is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.browser import actions
from core.browser.page import BrowserPage
from core.browser.snapshot import ElementSeen
from core.planner.asked_for import asks_for_a_secret
from core.planner.commands import AnyCommand, Ask, BadAnswer, Choose, Click, Detouring, Fill, GiveUp, Tick, Use
from core.planner.harm import ON_THE_WAY, Harm, harms_of_element, harms_of_step
from core.planner.listing import LONGEST_NAME, LONGEST_OPTION
from core.planner.plain import plain, readings
from core.planner.planner import AskPerson, Choice, Decision, Detour, Rung, Situation, Undecided
from core.planner.prompts import EDITION
from core.planner.suitable import objection_to, objection_to_click
from core.planner.unfounded import unfounded
from core.workflows.locator import Locator
from core.workflows.step import ActionKind

# Fields that hide what is typed, and are for something else than the secret that a run signs in with.
ANOTHER_SECRET = re.compile(
    r"\b(new|neu\w*|nouveau|nuev[oa]|nuov[oa]|repeat|again|confirm\w*|retype|change|wiederhol\w*|best.?tig\w*|cc|csc|cvc|cvv|card|pin|otp|"
    r"\w*(?<!pass)codes?|c[oó]digo|codice|one.?time|recovery|tokens?)\b",
    re.IGNORECASE,
)

# What each command does that is to be done first.
DONE_BY = {Click: ActionKind.CLICK, Tick: ActionKind.CHECK, Choose: ActionKind.SELECT, Fill: ActionKind.FILL}


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


def _listed(ref: str, asked: Asked) -> ElementSeen:
    if ref not in asked.listed:
        raise BadAnswer(because=f"{ref} is not in the list.")
    return asked.listed[ref]


def _objection(command: Use | Detouring, element: ElementSeen, situation: Situation) -> str:
    """Why this can't be done with this element; empty if it can. What can't be taken back, the step itself has to name."""
    for_a_person_to_allow = ON_THE_WAY if isinstance(command, Click | Tick) else frozenset[Harm]()
    if harms_of_element(element) - harms_of_step(situation.step) - for_a_person_to_allow:
        return "that may not be possible to take back, and the step does not say so."
    return _unfit(command, element, situation) or unfounded(command, element, situation.step)


def _unfit(command: Use | Detouring, element: ElementSeen, situation: Situation) -> str:
    """Why an element of this kind does not take this; empty if it does. The façade looks at a secret's field itself, too."""
    action = situation.step.action if isinstance(command, Use) else DONE_BY[type(command)]
    secret = isinstance(command, Use) and situation.secret is not None
    if objection := (
        objection_to_click(element)
        if action is ActionKind.CLICK
        else objection_to(element, action, types_secret=secret)
    ):
        return objection
    if secret and ANOTHER_SECRET.search(readings(" ".join((element.name, element.placeholder, *element.words)))):
        return "it is for another secret."
    if isinstance(command, Choose) and _option(command, element) is None:
        return "it has no such option."
    return _plain_slot(command.slot, situation) if isinstance(command, Fill) else ""


def _option(command: Choose, element: ElementSeen) -> str | None:
    """The option as the page has it; the model was shown its plain and short form."""
    return next((one for one in element.options if plain(one, LONGEST_OPTION) == command.option), None)


def _plain_slot(slot: str, situation: Situation) -> str:
    if slot == situation.secret:
        return "that is a secret, and is typed by its own step alone."
    return "" if slot in situation.slots else "there is no such slot."


def _detour(command: Detouring, element: ElementSeen, target: Locator, asked: Asked) -> Detour:
    named = f"“{plain(element.name, LONGEST_NAME) or element.role}”"
    note = "" if asks_for_a_secret(command.why) else asked.redact(command.why)
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
