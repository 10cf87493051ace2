"""The steps of an operation as a list that changes in place while they happen."""

from dataclasses import replace

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.database.states import StepState
from core.operations.views import StepView
from core.planner.planner import Rung
from pages.parts.words import seconds, words
from pages.texts import later, t

MARKS = {StepState.DONE: "check", StepState.FAILED: "close"}
STATES = {
    StepState.TO_COME: later("to come"),
    StepState.RUNNING: later("now"),
    StepState.DONE: later("done"),
    StepState.SKIPPED: later("not needed"),
    StepState.FAILED: later("failed"),
}
UNUSUAL = {
    Rung.ALTERNATIVE: later("found another way"),
    Rung.ACCEPTED: later("found where staff accepted it"),
    Rung.LIKENESS: later("found by likeness"),
    Rung.MODEL: later("found by the model"),
    Rung.PERSON: later("shown by a person"),
}
USUAL = {Rung.RECORDED: later("found as recorded"), Rung.CODE: later("done by code, without the browser")}


class Timeline:
    """One line a step; what was not needed is left out."""

    def __init__(self) -> None:
        self._list = ui.element("ol").classes("card steps")
        self._list.props["aria-label"] = t("Steps")
        self._lines: dict[int, StepLine] = {}

    def show(self, steps: tuple[StepView, ...], *, over: bool) -> None:
        """Bring every line up to date. Once it is over, what was under way was not finished."""
        self._list.set_visibility(bool(steps))
        now = None if over else step_of_now(steps)
        for step in steps:
            if over and step.state is StepState.RUNNING:
                step = replace(step, state=StepState.TO_COME, note=t("not finished"))  # noqa: PLW2901  the line to draw
            if step.position not in self._lines:
                with self._list:
                    self._lines[step.position] = StepLine()
            self._lines[step.position].show(step, is_now=step is now)

    def highlight(self, position: int | None) -> None:
        """Show which step is being looked at again, if any is."""
        for each, line in self._lines.items():
            line.highlight(is_on=each == position)


def decided_by(step: StepView) -> str:
    """Who decided where a step was done, in words; nothing where nothing had to be decided."""
    told = (UNUSUAL | USUAL).get(Rung(step.decided_by)) if step.decided_by else None
    return t(told) if told else ""


def told_of(step: StepView) -> str:
    """What people should know of a step, if anything."""
    return step.note or (t("seen instead: {seen}", seen=step.seen) if step.seen else "")


def step_of_now(steps: tuple[StepView, ...]) -> StepView | None:
    """What the agent does now. Steps before it may still wait for their picture to be stored."""
    return next((step for step in reversed(steps) if step.state is StepState.RUNNING), None)


class StepLine:
    """One line: mark, sentence, note, time."""

    def __init__(self) -> None:
        self._shown: tuple[StepView, bool] | None = None
        with ui.element("li") as self._row:
            with ui.element("div").classes("mark").props("aria-hidden=true"):
                self._mark = ui.icon("check")
            with ui.element("div"):
                self._intent = words("", "div")
                self._state = words("", classes="unseen")
                self._unusual = words("", classes="badge unusual")
                self._note = words("", "div", "note")
            self._time = words("", classes="time")

    def show(self, step: StepView, *, is_now: bool) -> None:
        """Change what has changed."""
        if (step, is_now) == self._shown:
            return
        self._shown = step, is_now
        self._row.classes(replace=f"step {step.state.value}{' now-on' if is_now else ''}")
        self._row.set_visibility(step.state is not StepState.SKIPPED)
        self._mark.set_visibility(step.state in MARKS)
        self._mark.set_name(MARKS.get(step.state, "check"))
        self._intent.set_text(step.intent)
        self._state.set_text(t(", {state}", state=t(STATES[step.state])))
        is_usual = step.decided_by is None or Rung(step.decided_by) not in UNUSUAL
        _set(self._unusual, None if is_usual else decided_by(step))
        _set(self._note, told_of(step))
        _set(self._time, _time(step))
        title = decided_by(step) if step.state is StepState.DONE else ""
        if self._row.props.get("title") != title:
            self._row.props["title"] = title

    def highlight(self, *, is_on: bool) -> None:
        """Show whether this is the step that is being looked at again."""
        self._row.classes(add="replayed" if is_on else "", remove="" if is_on else "replayed")
        if is_on:
            self._row.props["aria-current"] = "step"
        else:
            self._row.props.pop("aria-current", None)
            self._row.update()


def _time(step: StepView) -> str | None:
    if step.state is StepState.RUNNING:
        return "…"
    return seconds(step.seconds) if step.seconds is not None else None


def _set(element: TextElement, text: str | None) -> None:
    """Show this text, or nothing."""
    element.set_text(text or "")
    element.set_visibility(bool(text))
