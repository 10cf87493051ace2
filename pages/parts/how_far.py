"""How far an operation is: a bar, the steps, and an honest guess at what is left."""

from nicegui import ui

from core.database.states import OperationStatus, StepState
from core.operations.views import OperationView
from core.statistics.summary import UsualRest
from pages.parts.timeline import step_of_now
from pages.parts.times import time_of_day
from pages.parts.words import grouped, seconds, side_by_side, words
from pages.texts import later, t, tn

ENOUGH_TO_NAME = 5  # earlier setups; a guess from fewer is not called an experience


class HowFar:
    """The bar and its words. On a phone, the step of now stands under it."""

    def __init__(self, usual: UsualRest) -> None:
        self._usual = usual
        self._share: float | None = None
        with ui.element("div").classes("how-far"):
            with ui.element("div") as self._bar:
                self._done = ui.element("div")
            self._bar.props("role=progressbar aria-valuemin=0 aria-valuemax=100")
            self._bar.props["aria-label"] = t("Progress")
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
            return t("It is being stopped.")
        if not every:
            if view.waits_until:
                return t("It begins by itself at {time}.", time=time_of_day(view.waits_until))
            return t(WAITING.get(view.status, NO_STEP))
        if view.status.is_over:
            return side_by_side(_ended(view, at, every), _asked(view))
        waits = view.status is OperationStatus.AWAITING_INPUT
        rest = t("it waits for you") if waits else self._rest(view.current_step)
        return side_by_side(t("Step {at} of {all}", at=at, all=every), rest, _asked(view))

    def _rest(self, position: int) -> str:
        left = self._usual.seconds_from.get(position)
        if left is None:
            return ""
        rest = max(1, round(left))
        if self._usual.setups < ENOUGH_TO_NAME:
            return tn("about {number} second left", "about {number} seconds left", rest)
        return tn(
            "about {number} second left, as in {setups} setups before",
            "about {number} seconds left, as in {setups} setups before",
            rest,
            setups=grouped(self._usual.setups),
        )


def _ended(view: OperationView, at: int, every: int) -> str:
    """How many steps it took, or at which it ended, and after how long."""
    took = seconds(view.seconds) if view.seconds is not None else ""
    if view.result:
        steps = tn("{number} step", "{number} steps", every)
        return t("{steps} in {time}", steps=steps, time=took) if took else steps
    if took:
        return t("It ended at step {at} of {all}, after {time}", at=at, all=every, time=took)
    return t("It ended at step {at} of {all}", at=at, all=every)


def _asked(view: OperationView) -> str:
    """What the model was asked, and what it has cost, if it was asked at all."""
    if view.model is None:
        return ""
    one = view.model
    return tn(
        "the model was asked {number} time (${dollars} of ${most})",
        "the model was asked {number} times (${dollars} of ${most})",
        one.calls,
        dollars=format(one.dollars, ".3f"),
        most=format(one.most_dollars, ".2f"),
    )


NO_STEP = later("No step was taken.")
WAITING = {
    OperationStatus.AWAITING_CONSENT: later("Nothing is done before you allow it."),
    OperationStatus.AWAITING_INPUT: later("It waits for you, and then goes on."),
    OperationStatus.PENDING: later("It begins in a moment."),
    OperationStatus.IN_PROGRESS: later("Getting ready …"),
}
