"""A run that is over, step by step again: what was done, who decided, how long it took, and the picture with what was clicked."""

from collections.abc import Callable
from uuid import UUID

from nicegui import events, ui
from nicegui.elements.timer import Timer

from core.database.states import StepState
from core.operations.views import StepView
from pages.parts.handlers import TYPED
from pages.parts.marks import Mark, is_marked, marks_on, was_pressed
from pages.parts.pictures import Picture, icon_button
from pages.parts.timeline import decided_by, told_of
from pages.parts.words import button, seconds, words
from pages.texts import later, t

PACES = {1: later("As fast as it was"), 2: later("Twice as fast"), 5: later("Five times as fast")}
SHORTEST, LONGEST = (
    0.6,
    10.0,
)  # seconds a step is shown; a person has to see it, and need not wait for an answer of then


class Replay:
    """Shows one step at a time. `moved` is told the number of the step that is shown, from 1; None once it is closed."""

    def __init__(self, highlight: Callable[[int | None], None], moved: Callable[[int | None], None]) -> None:
        self._highlight = highlight
        self._moved = moved
        self._steps: tuple[StepView, ...] = ()
        self._place = 0
        self._pace = 1
        self._timer: Timer | None = None
        # Of the whole page: what opened it keeps the focus until the browser gives it to "Play". A slider and a choice have arrows of
        # their own, and a button its own space bar.
        self._arrows = ui.keyboard(self._arrow, active=False, ignore=["input", "select", "textarea"])
        self._space = ui.keyboard(self._space_bar, active=False)
        with ui.element("section").classes("pictures replay") as self._region:
            self._region.props["aria-label"] = t("Replay")
            self._picture = Picture()
            self._draw_words()
            self._draw_controls()
        self._region.set_visibility(False)

    def show(self, steps: tuple[StepView, ...]) -> None:
        """These are the steps; only those that were begun can be shown again."""
        self._steps = begun(steps)
        most = max(1, len(self._steps))
        if self._slider.props["max"] != most:
            self._slider.props["max"] = most

    @property
    def is_open(self) -> bool:
        """Whether it is there instead of the pictures."""
        return bool(self._region.visible)

    def open(self, number: int = 1) -> None:
        """Begin with the step of this number, from 1."""
        self._region.set_visibility(True)
        self._arrows.active = self._space.active = True
        self._place = 0
        self._move(number - 1)
        self._region.run_method("scrollIntoView", {"block": "nearest"})
        self._play.run_method("focus", {"preventScroll": True})

    def close(self) -> None:
        """Make room for the pictures again."""
        self._pause()
        self._region.set_visibility(False)
        self._arrows.active = self._space.active = False
        self._highlight(None)
        self._moved(None)

    def _draw_words(self) -> None:
        with ui.element("div").props("aria-live=polite"):
            self._number = words("", "p", "third num small")
            self._intent = words("", "p", "replayed-step")
            self._told = words("", "p", "second small num")

    def _draw_controls(self) -> None:
        with ui.element("div").classes("row controls"):
            icon_button("skip_previous", t("Previous step")).on("click", lambda _: self._step_by(-1))
            self._play = icon_button("play_arrow", t("Play"))
            self._play.on("click", lambda _: self._toggle())
            icon_button("skip_next", t("Next step")).on("click", lambda _: self._step_by(1))
            self._slider = ui.element("input").props("type=range min=1 step=1 value=1")
            self._slider.props["max"] = 1
            self._slider.props["aria-label"] = t("Step")
            self._slider.on("input", lambda event: self._pass_by(int(event.args)), js_handler=TYPED)
            self._slider.on("change", lambda _: self._moved(self._place + 1))
            with ui.element("select") as pace:
                for times, said in PACES.items():
                    words(t(said), "option").props(f"value={times}")
            pace.props["aria-label"] = t("Pace")
            pace.on("change", lambda event: self._set_pace(event.args), js_handler=TYPED)
            button(t("Close"), self.close)

    def _pass_by(self, number: int) -> None:
        """Show the step that the slider is at. The address tells it once the slider is let go: browsers refuse one that changes often."""
        self._pause()
        self._show(number - 1)

    def _step_by(self, by: int) -> None:
        self._pause()
        self._move(by)

    def _move(self, by: int) -> None:
        """Show another step; before the first there is none, nor after the last."""
        if self._steps:
            self._show(self._place + by)
            self._moved(self._place + 1)

    def _show(self, place: int) -> None:
        if not self._steps:
            return
        self._place = max(0, min(len(self._steps) - 1, place))
        step = self._steps[self._place]
        self._number.set_text(t("Step {number} of {all}", number=self._place + 1, all=len(self._steps)))
        self._intent.set_text(step.intent)
        self._told.set_text(_in_short(step))
        self._slider.props["value"] = self._place + 1
        self._draw_picture(step)
        self._highlight(step.position)

    def _draw_picture(self, step: StepView) -> None:
        if not any(one.picture_id for one in self._steps):
            self._picture.show_none(t("This run has no pictures, or they have been deleted since."))
            return
        picture_id, marks = picture_of(step, self._steps)
        if picture_id:
            self._picture.show(picture_id, step.intent, marks)
        else:
            self._picture.show_none(t("There is no picture of this step."))

    def _toggle(self) -> None:
        if self._timer is not None:
            self._pause()
            return
        if self._place == len(self._steps) - 1:
            self._move(-self._place)
        self._play_on()

    def _play_on(self) -> None:
        """Show the next step once this one was shown for as long as it took."""
        if self._place >= len(self._steps) - 1:
            self._pause()
            return
        shown_for = self._steps[self._place].seconds or 0.0
        with self._region:
            self._timer = ui.timer(max(SHORTEST, min(LONGEST, shown_for) / self._pace), self._next, once=True)
        self._say_what_play_does("pause", t("Pause"))

    def _next(self) -> None:
        self._timer = None
        self._move(1)
        self._play_on()

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._say_what_play_does("play_arrow", t("Play"))

    def _say_what_play_does(self, icon: str, name: str) -> None:
        if self._play.props["aria-label"] != name:
            self._play.props["aria-label"] = name
            self._play.clear()
            with self._play:
                ui.icon(icon).props("aria-hidden=true")

    def _set_pace(self, chosen: object) -> None:
        self._pace = next((times for times in PACES if str(times) == str(chosen)), 1)

    def _arrow(self, event: events.KeyEventArguments) -> None:
        if event.action.keydown and (event.key.arrow_left or event.key.arrow_right):
            self._step_by(-1 if event.key.arrow_left else 1)

    def _space_bar(self, event: events.KeyEventArguments) -> None:
        if event.action.keydown and event.key.space:
            self._toggle()


def begun(steps: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """The steps that something came of, in their order."""
    return tuple(step for step in steps if step.state not in {StepState.TO_COME, StepState.SKIPPED})


def picture_of(step: StepView, steps: tuple[StepView, ...]) -> tuple[UUID | None, tuple[Mark, ...]]:
    """The picture that shows best what a step did, and what is marked on it: of a click, the one it was clicked on."""
    if was_pressed(step) and is_marked(step) and any(one.picture_id == step.touched_on for one in steps):
        return step.touched_on, marks_on(step.touched_on, [step])
    return step.picture_id, marks_on(step.picture_id, [step])


def _in_short(step: StepView) -> str:
    took = seconds(step.seconds) if step.seconds is not None else ""
    return " · ".join(filter(None, [decided_by(step), took, told_of(step)]))
