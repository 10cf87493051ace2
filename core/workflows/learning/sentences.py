"""Says steps in words, from what the test says of them; never a stock phrase."""

import re
from dataclasses import replace

from core.workflows.locator import By, Link, Locator, Pattern, Text
from core.workflows.step import ActionKind, Check, Matcher, TaskStep

VERBS = {
    ActionKind.GOTO: "Open {value}",
    ActionKind.RELOAD: "Load the page again",
    ActionKind.BACK: "Go back",
    ActionKind.CLICK: "Click {target}",
    ActionKind.FILL: "Fill in {target}",
    ActionKind.PRESS: "Press {value} in {target}",
    ActionKind.CHECK: "Tick {target}",
    ActionKind.UNCHECK: "Untick {target}",
    ActionKind.SELECT: "Choose {value} in {target}",
    ActionKind.HOVER: "Point at {target}",
    ActionKind.CAPTURE: "Read {target}",
    ActionKind.ASSERT: "See that {value}",
    ActionKind.WAIT: "Wait",
    ActionKind.API: "Ask the API: {value}",
    ActionKind.SCRIPT: "Run a script",
    ActionKind.OPAQUE: "Do what {value} does",
}
EXPECTED = {
    Matcher.VISIBLE: "{target} is there",
    Matcher.HIDDEN: "{target} is not there",
    Matcher.ENABLED: "{target} can be used",
    Matcher.CHECKED: "{target} is ticked",
    Matcher.HAS_TEXT: "{target} says “{value}”",
    Matcher.CONTAINS_TEXT: "{target} says “{value}”",
    Matcher.HAS_VALUE: "{target} shows “{value}”",
    Matcher.HAS_COUNT: "{target} is there {value} times",
    Matcher.URL: "the address is “{value}”",
    Matcher.TITLE: "the title is “{value}”",
}
KINDS = {By.LABEL: "the field", By.PLACEHOLDER: "the field", By.TEXT: "the text", By.ALT: "the picture"}

MARKUP = {By.CSS, By.TEST_ID}
NAMED = {*KINDS, *MARKUP, By.ROLE, By.TITLE}


def in_words(step: TaskStep) -> TaskStep:
    """The step with what is said of it, from what it does; a comment of the test stays its intent."""
    target, expected = target_of(step.locator), expected_of(list(step.checks))
    value = expected if step.action is ActionKind.ASSERT and step.checks else step.value
    intent = step.intent if step.intent_source == "comment" else intent_of(step.action, target, value)
    return replace(step, target=target, expected_result=expected, value=value, intent=intent)


def intent_of(action: ActionKind, target: str, value: str | None) -> str:
    """A step's sentence, when the test gives none."""
    return VERBS[action].format(target=target, value=value or "")


def expected_of(checks: list[Check]) -> str | None:
    """The sentence of what has to be there afterwards; None if the test expects nothing."""
    said = [_expectation(check) for check in checks]
    sentence = ", and ".join(said)
    return sentence[0].upper() + sentence[1:] if sentence else None


def expected_by_people(step: TaskStep) -> str | None:
    """What people see afterwards: no name that stands in the markup alone; where there is no other, that the step is done.

    What was not put together here, somebody has put into words.
    """
    if step.expected_result != expected_of(list(step.checks)):
        return step.expected_result
    plain = [replace(check, locator=_without_others(check.locator)) for check in step.checks]
    if any(_is_markup(check.locator) for check in plain):
        return f"“{step.intent.removesuffix('.')}” is done"
    return expected_of(plain)


def _without_others(locator: Locator | None) -> Locator | None:
    return locator and Locator(tuple(link for link in locator.links if link.by is not By.OR))


def _is_markup(locator: Locator | None) -> bool:
    """Whether an element is named by what nobody sees."""
    named = [link for link in locator.links if link.by in NAMED] if locator else []
    return bool(named) and named[-1].by in MARKUP


def target_of(locator: Locator | None) -> str:
    """What people would call an element."""
    if locator is None:
        return "the page"
    named = [link for link in locator.links if link.by in NAMED]
    narrowed = [f" with “{_text(link.value)}”" for link in locator.links if link.by is By.HAS_TEXT]
    either = [
        f" or {target_of(link.value)}" for link in locator.links if link.by is By.OR and isinstance(link.value, Locator)
    ]
    name = _name(named[-1]) if named else "the element"
    return name + "".join(narrowed[-1:] if named and named[-1].by is By.CSS else []) + "".join(either)


def _expectation(check: Check) -> str:
    template = EXPECTED[check.matcher]
    if check.negated:
        template = template.replace(" is ", " is not ", 1).replace(" says ", " does not say ", 1)
    value = check.value if isinstance(check.value, int) else _text(check.value or "")
    return template.format(target=target_of(check.locator), value=value)


def _name(link: Link) -> str:
    if link.by is By.ROLE:
        return f"the {link.value} “{_text(link.name)}”" if link.name is not None else f"the {link.value}"
    if link.by in KINDS:
        return f"{KINDS[link.by]} “{_text(link.value)}”"
    words = re.sub(r"[^A-Za-z0-9]+", " ", _text(link.value)).strip()
    return f"“{words}”"


def _text(text: "Text | int | bool | Locator | None") -> str:
    return text.re if isinstance(text, Pattern) else str(text)
