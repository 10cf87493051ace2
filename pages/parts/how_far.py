"""How far an operation is: a bar, the steps, and an honest guess at what is left."""

from nicegui import ui

from core.database.states import OperationStatus, StepState
from core.operations.views import OperationView
from core.statistics.summary import UsualRest
from pages.parts.timeline import step_of_now
from pages.parts.times import time_of_day
from pages.parts.words import count, seconds, words

ENOUGH_TO_NAME = 5  # earlier setups; a guess from fewer is not called an experience


class HowFar:
    """The bar and its words. On a phone, the step of now stands under it."""

    def __init__(self, usual: UsualRest) -> None:
        self._usual = usual
        self._share: float | None = None
        with ui.element("div").classes("how-far"):
            with ui.element("div") as self._bar:
                self._done = ui.element("div")
            self._bar.props('role=progressbar aria-label="Progress" aria-valuemin=0 aria-valuemax=100')
            self._words = words("", "p", "third num")
            self._now = words("", "p", "now").props("aria-live=polite")

    def show(self, view: OperationView) -> None:
        """Show how far this is."""
        counted = [step for step in view.steps if step.state is not StepState.SKIPPED]
        done = sum(step.state is StepState.DONE for step in counted)
        share = 1.0 if view.result else done / max(1, len(counted))
        self._bar.classes(replace=f"progress {view.status.value}")
        if share != self._share:
            self._share = share
            self._bar.props["aria-valuenow"] = round(100 * share)
            self._done.style(replace=f"width: {100 * share:.0f}%")
        now = None if view.status.is_over else step_of_now(view.steps)
        at = counted.index(now) if now else done
        self._words.set_text(self._told(view, min(at + 1, len(counted)), len(counted)))
        self._now.set_text(now.intent if now else "")
        self._now.set_visibility(now is not None)

    def _told(self, view: OperationView, at: int, every: int) -> str:
        if view.stopping:
            return "It is being stopped."
        if not every:
            if view.waits_until:
                return f"It begins by itself at {time_of_day(view.waits_until)}."
            return WAITING.get(view.status, "No step was taken.")
        if view.status.is_over:
            took = f" in {seconds(view.seconds)}" if view.seconds is not None else ""
            ended = f"It ended at step {at} of {every}{took.replace(' in', ', after')}"
            return (f"{count(every, 'step')}{took}" if view.result else ended) + _asked(view)
        waits = view.status is OperationStatus.AWAITING_INPUT
        return f"Step {at} of {every}{' · it waits for you' if waits else self._rest(view.current_step)}{_asked(view)}"

    def _rest(self, position: int) -> str:
        left = self._usual.seconds_from.get(position)
        if left is None:
            return ""
        rest = f" · about {count(max(1, round(left)), 'second')} left"
        named = self._usual.setups >= ENOUGH_TO_NAME
        return f"{rest}, as in {self._usual.setups:,} setups before" if named else rest


def _asked(view: OperationView) -> str:
    """What the model was asked, and what it has cost, if it was asked at all."""
    if view.model is None:
        return ""
    one = view.model
    return f" · the model was asked {count(one.calls, 'time')} (${one.dollars:.3f} of ${one.most_dollars:.2f})"


WAITING = {
    OperationStatus.AWAITING_CONSENT: "Nothing is done before you allow it.",
    OperationStatus.AWAITING_INPUT: "It waits for you, and then goes on.",
    OperationStatus.PENDING: "It begins in a moment.",
    OperationStatus.IN_PROGRESS: "Getting ready …",
}
