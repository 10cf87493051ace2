"""The steps of an operation as a list that changes in place while they happen."""

from dataclasses import replace

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from core.database.states import StepState
from core.operations.views import StepView
from core.planner.planner import Rung
from pages.parts.words import seconds, words

MARKS = {StepState.DONE: "check", StepState.FAILED: "close"}
STATES = {
    StepState.TO_COME: "to come",
    StepState.RUNNING: "now",
    StepState.DONE: "done",
    StepState.SKIPPED: "not needed",
    StepState.FAILED: "failed",
}
UNUSUAL = {
    Rung.ALTERNATIVE: "found another way",
    Rung.ACCEPTED: "found where staff accepted it",
    Rung.LIKENESS: "found by likeness",
    Rung.MODEL: "found by the model",
    Rung.PERSON: "shown by a person",
}


class Timeline:
    """One line a step; what was not needed is left out."""

    def __init__(self) -> None:
        self._list = ui.element("ol").classes("card steps").props('aria-label="Steps"')
        self._lines: dict[int, StepLine] = {}

    def show(self, steps: tuple[StepView, ...], *, over: bool) -> None:
        """Bring every line up to date. Once it is over, what was under way was not finished."""
        self._list.set_visibility(bool(steps))
        now = None if over else step_of_now(steps)
        for step in steps:
            if over and step.state is StepState.RUNNING:
                step = replace(step, state=StepState.TO_COME, note="not finished")  # noqa: PLW2901  the line to draw
            if step.position not in self._lines:
                with self._list:
                    self._lines[step.position] = StepLine()
            self._lines[step.position].show(step, is_now=step is now)


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
        self._state.set_text(f", {STATES[step.state]}")
        unusual = UNUSUAL.get(Rung(step.decided_by)) if step.decided_by else None
        _set(self._unusual, unusual)
        _set(self._note, step.note or (f"seen instead: {step.seen}" if step.seen else None))
        _set(self._time, _time(step))


def _time(step: StepView) -> str | None:
    if step.state is StepState.RUNNING:
        return "…"
    return seconds(step.seconds) if step.seconds is not None else None


def _set(element: TextElement, text: str | None) -> None:
    """Show this text, or nothing."""
    element.set_text(text or "")
    element.set_visibility(bool(text))
