"""What a learnt workflow is made of: steps with intent, action, target, locator, value and expected result."""

from dataclasses import dataclass
from enum import StrEnum

from core.workflows.locator import Locator, Text


class ActionKind(StrEnum):
    """The closed vocabulary of what a test can do; a runner performs only what it knows."""

    GOTO = "goto"
    RELOAD = "reload"
    BACK = "back"
    CLICK = "click"
    FILL = "fill"
    PRESS = "press"
    CHECK = "check"
    UNCHECK = "uncheck"
    SELECT = "select"
    HOVER = "hover"
    CAPTURE = "capture"
    ASSERT = "assert"
    WAIT = "wait"
    API = "api"
    SCRIPT = "script"
    OPAQUE = "opaque"


PRESSING = frozenset({ActionKind.CLICK, ActionKind.PRESS})


class Resolution(StrEnum):
    """How much of a step the tests' text decides; a runner refuses PARTIAL and OPAQUE."""

    LITERAL = "literal"
    BOUND = "bound"
    UNBOUND = "unbound"
    PARTIAL = "partial"
    OPAQUE = "opaque"


class Matcher(StrEnum):
    """What an expectation holds an element, or the page's address, against."""

    VISIBLE = "toBeVisible"
    HIDDEN = "toBeHidden"
    ENABLED = "toBeEnabled"
    CHECKED = "toBeChecked"
    HAS_TEXT = "toHaveText"
    CONTAINS_TEXT = "toContainText"
    HAS_VALUE = "toHaveValue"
    HAS_COUNT = "toHaveCount"
    URL = "toHaveURL"
    TITLE = "toHaveTitle"


@dataclass(frozen=True)
class Check:
    """One expectation. Without a locator it is about the page (its address or title)."""

    matcher: Matcher
    locator: Locator | None = None
    value: Text | int | None = None
    negated: bool = False
    source: str = "explicit"


@dataclass(frozen=True)
class Control:
    """Take the step only if this element is (or, negated, is not) visible at that moment."""

    visible: Locator
    negated: bool = False


@dataclass(frozen=True)
class TaskStep:
    """One step. `value` may hold `{{parameter}}` slots; a capture puts what it reads into `output`.

    `alternatives` are the test's own; `accepted` is what staff accepted as the same after a step was healed, and is in no file.
    A click or key press that `accepts_dialog` agrees to one question of the page, as the test did.
    """

    order: int
    intent: str
    action: ActionKind
    target: str
    locator: Locator | None = None
    value: str | None = None
    expected_result: str | None = None
    checks: tuple[Check, ...] = ()
    alternatives: tuple[Locator, ...] = ()
    accepted: tuple[Locator, ...] = ()
    controls: tuple[Control, ...] = ()
    output: str | None = None
    accepts_dialog: bool = False
    resolution: Resolution = Resolution.LITERAL
    why: str | None = None
    intent_source: str = "synth"
    via: tuple[str, ...] = ()
    at: str = ""


@dataclass(frozen=True)
class Parameter:
    """A slot of a workflow. A secret one never has a default or an example."""

    name: str
    kind: str
    secret: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Workflow:
    """A learnt workflow: the id is the slug of its test's title."""

    id: str
    title: str
    source_file: str
    source_line: int
    source_sha256: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    steps: tuple[TaskStep, ...]

    @property
    def coverage(self) -> dict[str, int]:
        """How many steps are understood to which degree."""
        return {
            resolution.value: sum(step.resolution is resolution for step in self.steps) for resolution in Resolution
        }

    @property
    def not_understood(self) -> tuple[TaskStep, ...]:
        """The steps that a runner refuses, because the tests' text does not decide them."""
        undecided = {Resolution.PARTIAL, Resolution.OPAQUE}
        return tuple(step for step in self.steps if step.resolution in undecided)

    @property
    def secret_outputs(self) -> tuple[str, ...]:
        """Names of what this workflow reads off a page and nobody may see."""
        return tuple(output.name for output in self.outputs if output.secret)
