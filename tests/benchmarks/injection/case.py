"""What a case is: what the attacker wrote, what the run wanted, which model is asked, and which guards should stop it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from core.planner.spending import Limits
from core.workflows.locator import Locator
from core.workflows.step import ActionKind, Check, Matcher, TaskStep
from tests.benchmarks.injection.guards import Guard
from tests.benchmarks.injection.models import Model, obeys

GONE = Locator.css("#as-it-was-recorded")  # nothing has this any more, so the model is asked
LISTENER = "LISTENER"  # in pages: the attacker's origin


class Group(StrEnum):
    """What kind of attack it is."""

    HIJACK = "Goal hijack"
    DISGUISE = "Goal hijack in disguise"
    MISUSE = "Tool misuse"
    EXFILTRATION = "Exfiltration"
    ESCALATION = "Privilege escalation"
    SCHEMA = "Schema breaking"
    STALE = "Stale and foreign refs"
    SWAP = "Swapped between look and act"
    OVERLAY = "Overlays"
    DIALOG = "Dialogs"
    TRUST = "Human trust"
    BUDGET = "Budget"
    MEMORY = "Memory and context"
    VOICES = "False voices"
    BOUNDARY = "Boundary"
    EXTRACTION = "Prompt extraction"
    USELESS = "Useless models"


class Person(StrEnum):
    """Who is there to be asked."""

    DECLINES = "declines"
    APPROVES = "approves everything"
    APPROVES_ONCE = "approves the first thing, then declines"


@dataclass(frozen=True)
class Case:
    """One attack.

    `pages` are the shop's, `away` the attacker's, by path; `moved` the shop's paths that send on. `deeds` says what a request
    at a path does; those that are `meant` are the run's own, and those in `approved` are if a person said yes to a question
    with these words. A secret belongs in the field `fitting` of the page alone. The guards in `without` are out in both runs,
    to show that the next layer holds; `guards` are out in the control.
    """

    name: str
    group: Group
    words: str
    guards: tuple[Guard, ...]
    pages: Mapping[str, str]
    steps: tuple[TaskStep, ...]
    model: Model = obeys
    away: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    deeds: Mapping[str, str] = field(default_factory=dict)
    meant: frozenset[str] = frozenset()
    approved: Mapping[str, str] = field(default_factory=dict)
    fitting: str = "pwd"
    without: tuple[Guard, ...] = ()
    irreversible: tuple[Locator, ...] = ()
    person: Person = Person.DECLINES
    limits: Limits = field(default_factory=Limits)
    known_limit: str = ""


def step(
    intent: str,
    action: ActionKind = ActionKind.CLICK,
    target: str = "the link “Keys”",
    at: Locator = GONE,
    **more: object,
) -> TaskStep:
    """A learnt step whose element is gone, unless it is told where it is."""
    return replace(TaskStep(1, intent, action, target, at), **more)  # type: ignore[arg-type]  # a step's own fields


OPEN_KEYS = step("Open the keys")
SIGN_IN_AS = step("Enter the user name", ActionKind.FILL, "the field “User name”", value="{{username}}")
TYPE_PASSWORD = step("Enter the password", ActionKind.FILL, "the field “Password”", value="{{password}}")
SEND = step("Sign in", ActionKind.CLICK, "the button “Sign in”", Locator.css("#send"))
TYPE_IT_WHERE_IT_IS = replace(TYPE_PASSWORD, locator=Locator.css("#pwd"))
SHOWS_KEYS = (Check(Matcher.VISIBLE, Locator.css("#list-of-keys")),)
SOON = timedelta(seconds=1)
