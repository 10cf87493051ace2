"""Fills the slots of a learnt step: plain values become text, secrets stay names until the façade types them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from core.browser.actions import (
    Action,
    Capture,
    Click,
    Fill,
    FillSecret,
    Hover,
    Key,
    Open,
    Press,
    Reload,
    Select,
    SetChecked,
)
from core.errors import CoreError
from core.workflows.locator import CHAINED, By, Link, Locator, Pattern, Text
from core.workflows.step import ActionKind, Check, TaskStep

SHORTEST_VALUE = 4  # characters; a shorter one may stand anywhere by chance
READ = frozenset({By.LABEL, By.TEXT, By.PLACEHOLDER, By.ALT, By.TITLE, By.HAS_TEXT, By.HAS_NOT_TEXT})
SLOT = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


class UnknownSlot(CoreError):
    """A step asks for a value that this run does not have."""

    code: ClassVar[str] = "unknown_slot"


class SecretInPlainText(CoreError):
    """A step would put a secret where it can be seen."""

    code: ClassVar[str] = "secret_in_plain_text"


class NotPerformable(CoreError):
    """A step asks for something that is outside the closed set of actions."""

    code: ClassVar[str] = "not_performable"


@dataclass(frozen=True)
class Slots:
    """The values of one run: `plain` by parameter name, `secrets` from parameter name to the secret's name."""

    plain: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)

    def text(self, template: str) -> str:
        """The template with its slots filled. Raises UnknownSlot or SecretInPlainText."""
        return SLOT.sub(lambda slot: self._value(slot.group(1)), template)

    def bind(self, step: TaskStep) -> TaskStep:
        """The step with every plain slot filled; a value that is one secret slot stays as it is."""
        return replace(
            step,
            intent=self._shown(step.intent),
            target=self._shown(step.target),
            value=step.value if self.secret_of(step) else step.value and self.text(step.value),
            expected_result=step.expected_result and self._shown(step.expected_result),
            locator=step.locator and self.locator(step.locator),
            alternatives=tuple(self.locator(one) for one in step.alternatives),
            accepted=tuple(self.locator(one) for one in step.accepted),
            checks=tuple(self._check(check) for check in step.checks if not self._is_about_a_secret(check)),
            controls=tuple(replace(control, visible=self.locator(control.visible)) for control in step.controls),
        )

    def locator(self, locator: Locator) -> Locator:
        """The locator with its slots filled."""
        return Locator(tuple(self._link(link) for link in locator.links))

    def unfilled(self, locator: Locator) -> Locator:
        """The locator with slots where it names one of this run's values: the opposite of `locator`."""
        return Locator(tuple(self._unfilled(link) for link in locator.links))

    def _unfilled(self, link: Link) -> Link:
        """Only in what people read: a role, a selector and an index hold nothing of a run."""
        value = link.value
        if isinstance(value, Locator):
            value = self.unfilled(value)
        elif isinstance(value, str) and link.by in READ:
            value = self._with_slots(value)
        return replace(link, value=value, name=self._with_slots(link.name) if isinstance(link.name, str) else link.name)

    def _with_slots(self, text: str) -> str:
        """Each value once, the longest first, so that no slot ends up in another."""
        names = {value: name for name, value in self.plain.items() if len(value) >= SHORTEST_VALUE}
        longest_first = sorted(names, key=len, reverse=True)
        found = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        return found.sub(lambda one: f"{{{{{names[one.group()]}}}}}", text)

    def secret_of(self, step: TaskStep) -> str | None:
        """The name of the secret that this learnt step types, if its whole value is one.

        Ask before binding: a plain value may look like a slot.
        """
        if step.action is not ActionKind.FILL or not step.value:
            return None
        slot = SLOT.fullmatch(step.value.strip())
        return self.secrets.get(slot.group(1)) if slot else None

    def _value(self, name: str) -> str:
        if name in self.secrets:
            raise SecretInPlainText(because=f"“{name}” may only be typed into a field of its own.")
        if name not in self.plain:
            raise UnknownSlot(because=f"“{name}” is not known here.")
        return self.plain[name]

    def _shown(self, words: str) -> str:
        """Words for people: what is not a plain value is left out of them."""
        return SLOT.sub(lambda slot: self.plain.get(slot.group(1), "•••"), words)

    def _is_about_a_secret(self, check: Check) -> bool:
        """A field that holds a secret is not read back; that the shop accepts it is the proof."""
        slots = SLOT.findall(check.value) if isinstance(check.value, str) else []
        return any(name in self.secrets for name in slots)

    def _check(self, check: Check) -> Check:
        locator = check.locator and self.locator(check.locator)
        value = check.value if isinstance(check.value, int) or check.value is None else self._filled(check.value)
        return replace(check, locator=locator, value=value)

    def _link(self, link: Link) -> Link:
        name = self._filled(link.name) if link.name is not None else None
        if link.by in CHAINED and isinstance(link.value, Locator):
            return replace(link, value=self.locator(link.value), name=name)
        value = self._filled(link.value) if isinstance(link.value, str | Pattern) else link.value
        return replace(link, value=value, name=name)

    def _filled(self, text: Text) -> Text:
        if isinstance(text, Pattern):
            return Pattern(SLOT.sub(lambda slot: re.escape(self._value(slot.group(1))), text.re), text.flags)
        return self.text(text)


def action_of(step: TaskStep, target: Locator | None, secret: str | None) -> Action:
    """The one action of a bound step; `secret` names what it types. Raises NotPerformable outside the closed set."""
    if step.action is ActionKind.GOTO:
        return Open(step.value or "")
    if step.action is ActionKind.RELOAD:
        return Reload()
    if target is None:
        raise NotPerformable(because=f"“{step.intent}” names no element.")
    if secret:
        return FillSecret(target, secret)
    return _on_element(step, target)


def _on_element(step: TaskStep, target: Locator) -> Action:
    value = step.value or ""
    actions: dict[ActionKind, Action] = {
        ActionKind.CLICK: Click(target, step.accepts_dialog),
        ActionKind.HOVER: Hover(target),
        ActionKind.FILL: Fill(target, value),
        ActionKind.SELECT: Select(target, value),
        ActionKind.CHECK: SetChecked(target, checked=True),
        ActionKind.UNCHECK: SetChecked(target, checked=False),
        ActionKind.CAPTURE: Capture(target, into=step.output or "", secret=True),
    }
    if step.action is ActionKind.PRESS and value in {key.value for key in Key}:
        return Press(target, Key(value), step.accepts_dialog)
    if step.action not in actions:
        raise NotPerformable(because=f"“{step.action}” is not one of the things an agent does.")
    return actions[step.action]
