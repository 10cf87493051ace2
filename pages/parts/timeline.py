"""The steps of an operation as a list that changes in place while they happen."""

from nicegui import ui

from core.database.states import StepState
from core.operations.views import StepView

MARKS = {StepState.DONE: "✓", StepState.FAILED: "✕"}


class Timeline:
    """One line a step; what was not needed is left out."""

    def __init__(self) -> None:
        self._box = ui.element("div").classes("card steps").props('role=list aria-label="Steps"')
        self._lines: dict[int, StepLine] = {}

    def show(self, steps: tuple[StepView, ...]) -> None:
        """Bring every line up to date."""
        for step in steps:
            if step.position not in self._lines:
                with self._box:
                    self._lines[step.position] = StepLine()
            self._lines[step.position].show(step)


class StepLine:
    """One line: mark, sentence, note, time."""

    def __init__(self) -> None:
        self._shown: StepView | None = None
        with ui.element("div").props("role=listitem") as self._row:
            self._mark = ui.label().classes("mark").props("aria-hidden=true")
            with ui.element("div"):
                self._intent = ui.label()
                self._note = ui.label().classes("note")
            self._time = ui.label().classes("time")

    def show(self, step: StepView) -> None:
        """Change what has changed."""
        if step == self._shown:
            return
        self._shown = step
        self._row.classes(replace=f"step {step.state.value}")
        self._row.set_visibility(step.state is not StepState.SKIPPED)
        self._mark.set_text(MARKS.get(step.state, ""))
        self._intent.set_text(step.intent)
        self._note.set_text(step.note or (f"seen instead: {step.seen}" if step.seen else ""))
        self._note.set_visibility(bool(step.note or step.seen))
        self._time.set_text(f"{step.seconds:.1f} s" if step.seconds is not None else "")
