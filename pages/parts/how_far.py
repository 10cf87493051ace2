"""How far an operation is: a bar, the steps, and an honest guess at what is left."""

from nicegui import ui

from core.clock import Clock
from core.database.states import OperationStatus
from core.operations.views import OperationView
from core.statistics.summary import UsualRest
from pages.parts.remaining import remaining
from pages.parts.timeline import step_of_now
from pages.parts.times import time_of_day
from pages.parts.words import grouped, seconds, side_by_side, words
from pages.texts import later, t, tn

LOOKS_EVERY = 5.0  # seconds: time goes by while a step does not end, and the guess with it
ENOUGH_TO_NAME = 5  # earlier setups; a guess from fewer is not called an experience


class HowFar:
    """The bar and its words. On a phone, the step of now stands under it."""

    def __init__(self, usual: UsualRest, clock: Clock) -> None:
        self._usual = usual
        self._clock = clock
        self._view: OperationView | None = None
        self._share: float | None = None
        with ui.element("div").classes("how-far"):
            with ui.element("div") as self._bar:
                self._done = ui.element("div")
            self._bar.props("role=progressbar aria-valuemin=0 aria-valuemax=100")
            self._bar.props["aria-label"] = t("Progress")
            self._words = words("", "p", "third num")
            self._now = words("", "p", "now").props("aria-live=polite")
            self._timer = ui.timer(LOOKS_EVERY, self._look_at_the_clock, immediate=False)

    def show(self, view: OperationView) -> None:
        """Show how far this is."""
        self._view = view
        self._timer.active = view.status is OperationStatus.IN_PROGRESS
        share = 1.0 if view.result else view.counted.share
        self._bar.classes(replace=f"progress {view.status.value}")
        if share != self._share:
            self._share = share
            self._bar.props["aria-valuenow"] = round(100 * share)
            self._done.style(replace=f"width: {100 * share:.0f}%")
        now = None if view.status.is_over else step_of_now(view.steps)
        self._words.set_text(self._told(view))
        self._now.set_text(now.intent if now else "")
        self._now.set_visibility(now is not None)

    def _look_at_the_clock(self) -> None:
        if self._view:
            self._words.set_text(self._told(self._view))

    def _told(self, view: OperationView) -> str:
        at, every = view.counted.at, view.counted.every
        if view.stopping:
            return t("It is being stopped.")
        if not every:
            if view.waits_until:
                return t("It begins by itself at {time}.", time=time_of_day(view.waits_until))
            return t(WAITING.get(view.status, NO_STEP))
        if view.status.is_over:
            return side_by_side(_ended(view), _asked(view))
        waits = view.status is OperationStatus.AWAITING_INPUT
        rest = t("it waits for you") if waits else self._rest(view)
        return side_by_side(t("Step {at} of {all}", at=at, all=every), rest, _asked(view))

    def _rest(self, view: OperationView) -> str:
        rest = remaining(view.steps, self._usual, self._clock.now())
        if rest is None:
            return ""
        if rest.seconds is None:
            return t("it takes longer than usual")
        left = tn("about {number} second left", "about {number} seconds left", rest.seconds)
        if rest.is_slow:
            return t("{left}, it takes longer than usual", left=left)
        if self._usual.setups < ENOUGH_TO_NAME:
            return left
        return t("{left}, as in {setups} setups before", left=left, setups=grouped(self._usual.setups))


def _ended(view: OperationView) -> str:
    """How many steps it took, or at which it ended, and after how long."""
    at, every = view.counted.at, view.counted.every
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
