"""What is left of a run is told from setups before and from the run's own pace, and it says when it takes longer."""

from datetime import UTC, datetime, timedelta

from core.database.states import StepState
from core.operations.views import StepView
from core.statistics.summary import UsualRest
from pages.parts.remaining import Remaining, remaining

START = datetime(2026, 1, 1, tzinfo=UTC)
USUAL = UsualRest(20, {1: 20.0, 2: 16.0, 3: 10.0, 5: 4.0})  # seconds; nobody needed the fourth


def step(position: int, at: float | None, state: StepState = StepState.DONE) -> StepView:
    began = None if at is None else START + timedelta(seconds=at)
    told = {"note": None, "expected": None, "seen": None, "decided_by": None, "page_url": None, "picture_id": None}
    return StepView(
        position, "Sign in", "click", state, **told, touched=None, touched_on=None, started_at=began, finished_at=None
    )


def run(*began: float) -> tuple[StepView, ...]:
    """Steps that began at these seconds, the last of them under way; and those that are to come."""
    begun = [step(position, at) for position, at in zip((1, 2, 3, 5), began, strict=False)]
    now = step(begun[-1].position, began[-1], StepState.RUNNING)
    return (*begun[:-1], now, *(step(later, None, StepState.TO_COME) for later in range(now.position + 1, 6)))


def left(at: float, *began: float) -> Remaining | None:
    return remaining(run(*began), USUAL, START + timedelta(seconds=at))


def test_a_run_like_those_before_has_left_what_they_had() -> None:
    assert left(0, 0) == Remaining(20, is_slow=False)
    assert left(4, 0, 4) == Remaining(16, is_slow=False)
    assert left(17, 0, 4, 10, 16) == Remaining(3, is_slow=False)


def test_time_that_goes_by_within_a_step_is_taken_off() -> None:
    assert left(3, 0) == Remaining(17, is_slow=False)
    assert left(6, 0) == Remaining(16, is_slow=False)  # the rest is not begun before this step is over


def test_a_run_of_half_the_pace_has_twice_as_much_left_and_says_that_it_is_slow() -> None:
    assert left(20, 0, 8, 20) == Remaining(18, is_slow=True)
    assert left(33, 0, 8, 20, 32) == Remaining(7, is_slow=True)


def test_a_faster_run_has_less_left() -> None:
    assert left(5, 0, 2, 5) == Remaining(6, is_slow=False)


def test_one_step_that_waited_for_a_person_does_not_make_hours_of_the_rest() -> None:
    assert left(3604, 0, 4, 3604) == Remaining(20, is_slow=True)


def test_the_last_step_that_does_not_end_is_given_no_end() -> None:
    assert left(19, 0, 4, 10, 16) == Remaining(1, is_slow=False)
    assert left(40, 0, 4, 10, 16) == Remaining(None, is_slow=True)


def test_a_step_that_hangs_is_told_though_the_rest_is_known() -> None:
    assert left(17, 0, 4) == Remaining(10, is_slow=True)


def test_nothing_is_told_that_no_setup_before_has_shown() -> None:
    assert remaining(run(0.0), UsualRest(), START) is None
    assert remaining((step(1, None, StepState.TO_COME),), USUAL, START) is None
    assert remaining((step(1, 0), step(6, 20, StepState.RUNNING)), USUAL, START) is None
    assert remaining((), USUAL, START) is None


def test_a_step_that_nobody_needed_before_has_what_follows_left() -> None:
    steps = (step(1, 0), step(2, 4), step(3, 10), step(4, 16, StepState.RUNNING))
    assert remaining(steps, USUAL, START + timedelta(seconds=16)) == Remaining(4, is_slow=False)
