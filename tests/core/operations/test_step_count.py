"""How far an operation is, is the same on its own page, at home and in both lists."""

from functools import partial
from typing import Any

import pytest

from core.database.session import CustomerSession
from core.database.states import OperationStatus
from core.database.states import StepState as S
from core.database.tables import StepRow
from core.operations.overview import OverviewDesk
from core.operations.run_filter import RunFilter
from core.operations.step_count import StepCount, count_of
from tests.core.operations.house import House
from tests.core.operations.many_runs import operator, put

STATES = (S.DONE, S.SKIPPED, S.SKIPPED, S.RUNNING, S.RUNNING, S.TO_COME, S.SKIPPED)  # the fifth waits for its page


@pytest.mark.parametrize(
    ("states", "is_over", "told"),
    [
        ((), False, StepCount()),
        (STATES, False, StepCount(done=1, at=3, every=4)),
        (STATES, True, StepCount(done=1, at=2, every=4)),
        ((S.TO_COME, S.TO_COME), False, StepCount(done=0, at=1, every=2)),
        ((S.DONE, S.SKIPPED), True, StepCount(done=1, at=1, every=1)),
        ((S.DONE, S.FAILED, S.TO_COME), True, StepCount(done=1, at=2, every=3)),
    ],
)
def test_what_was_not_needed_counts_nowhere(states: tuple[S, ...], is_over: bool, told: StepCount) -> None:
    assert count_of(states, is_over=is_over) == told


def _add_steps(customer_id: Any, operation_id: Any, session: CustomerSession) -> None:
    for position, state in enumerate(STATES, 1):
        told: dict[str, Any] = {"intent": "Sign in as admin", "action": "click", "state": state}
        session.add(StepRow(customer_id=customer_id, operation_id=operation_id, position=position, **told))


async def test_every_screen_counts_the_same(home: House) -> None:
    customer = home.visitor.customer_id
    running = await put(home, home.visitor, status=OperationStatus.IN_PROGRESS, current_step=5, total_steps=7)
    await home.database.run(customer, partial(_add_steps, customer, running))

    (at_home,) = (await OverviewDesk(home.database, home.clock).look(home.visitor)).running
    (listed,) = (await home.runs.page(home.visitor, RunFilter())).runs
    (for_staff,) = (await home.runs.page_of_all(await operator(home), RunFilter())).runs
    view = await home.operations.status(home.visitor, running)
    counts = {one.counted for one in (at_home, listed, for_staff, view)}
    assert counts == {StepCount(done=1, at=3, every=4)}
    assert (view.current_step, view.total_steps) == (5, 7)  # which of the API's `steps`, as ever
