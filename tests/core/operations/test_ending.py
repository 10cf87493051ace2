"""How a run ends is written once, by who has it, and the shop's sign-in goes with it."""

import asyncio
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core.agents.agent import AgentResult
from core.database.session import CustomerSession, Database
from core.database.states import OperationStatus, StepState
from core.database.tables import StepRow
from core.operations.ending import Ending
from core.operations.lease import LeaseLost
from core.operations.rows import operation_of
from core.operations.views import view_of
from core.security.audit.audit_log import AuditAction
from core.security.consent.agreement import Purpose
from core.security.secret import Secret
from tests.core.operations.house import OTHER_SHOP, House, house, until_somebody_waits
from tests.fakes.agents import RESULT
from tests.fakes.clock import MovedClock

ENDINGS = (
    (Ending.of(RESULT), AuditAction.OPERATION_COMPLETED),
    (Ending.failed("wrong_password", "The shop refused it."), AuditAction.OPERATION_FAILED),
    (Ending.stopped("not today"), AuditAction.OPERATION_CANCELLED),
)
each_ending = pytest.mark.parametrize(("ending", "action"), ENDINGS, ids=[ending.status for ending, _ in ENDINGS])


@each_ending
async def test_an_ending_is_written_recorded_and_forgets_the_sign_in(
    home: House, ending: Ending, action: AuditAction
) -> None:
    lease = await home.claimed()
    await home.sign_in(OTHER_SHOP)
    await home.run(partial(home.endings.write, lease, ending))
    row = await home.row(lease.operation_id)
    assert (row.status, row.finished_at) == (ending.status, home.clock.now())
    assert (row.lease_owner, row.lease_until) == (None, None)
    assert await home.signed_in_at() == {OTHER_SHOP}
    deleted = [AuditAction.SECRET_DELETED, AuditAction.SECRET_DELETED, AuditAction.CONSENT_EXPIRED]
    assert (await home.actions())[-4:] == [*deleted, action]
    assert (await home.given(Purpose.STORE_SIGN_IN)).store_url == OTHER_SHOP


async def test_who_decided_its_steps_and_how_long_it_took_is_written_with_the_end(home: House) -> None:
    lease = await home.claimed()
    started = home.clock.now()

    def steps(session: CustomerSession) -> None:
        for position, rung in enumerate(("recorded", "recorded", "likeness", "code", None), start=1):
            session.add(
                StepRow(
                    customer_id=lease.customer_id, operation_id=lease.operation_id, position=position, intent="Do it",
                    action="click", state=StepState.DONE, decided_by=rung,
                )
            )  # fmt: skip

    await home.run(steps)
    home.clock.move(timedelta(seconds=9))
    await home.run(partial(home.endings.write, lease, Ending.of(RESULT)))
    row = await home.row(lease.operation_id)
    assert (row.decided_steps, row.furthest_rung) == ({"code": 1, "likeness": 1, "recorded": 2}, "likeness")
    assert row.took_seconds == (home.clock.now() - started).total_seconds()


@each_ending
async def test_who_lost_the_operation_ends_nothing(home: House, ending: Ending, action: AuditAction) -> None:
    lost = await home.claimed()
    held = await home.take_over(lost)
    before = await home.actions()
    with pytest.raises(LeaseLost):
        await home.run(partial(home.endings.write, lost, ending))
    row = await home.row(lost.operation_id)
    assert (row.status, row.fence, row.failure_code) == (OperationStatus.IN_PROGRESS, held.fence, None)
    assert await home.actions() == before
    assert len(await home.credentials.list(home.visitor)) == 2


async def test_a_result_is_told_with_its_key_masked(cottage: House) -> None:
    lease = await cottage.claimed()
    await cottage.run(partial(cottage.endings.write, lease, Ending.of(RESULT)))
    view = view_of(await cottage.row(lease.operation_id))
    assert view.failure is None
    assert view.result is not None
    assert (view.result.success, view.result.api_key, view.result.product_count) == (True, RESULT.api_key, 47)


async def test_a_failure_says_why_and_what_is_left(cottage: House) -> None:
    lease = await cottage.claimed()
    ending = Ending.failed("shop_error", "The shop met an error.").leaving("A key may still be there.")
    await cottage.run(partial(cottage.endings.write, lease, ending))
    view = view_of(await cottage.row(lease.operation_id))
    assert view.result is None
    assert view.failure is not None
    assert (view.failure.code, view.failure.left_behind) == ("shop_error", "A key may still be there.")
    detail = (await cottage.entries())[-1].detail
    assert detail == {"code": "shop_error", "leftBehind": "A key may still be there."}


async def test_the_key_that_was_made_stays_in_the_vault(cottage: House) -> None:
    lease = await cottage.claimed()
    secrets = cottage.secrets_of(lease)
    await cottage.run(partial(secrets.keep, field="consumer_key", secret=Secret("ck_1")))
    await cottage.run(partial(cottage.endings.write, lease, Ending.of(RESULT)))
    assert await secrets.stored() == {"consumer_key"}


async def test_a_sign_in_that_is_gone_already_is_no_hindrance(cottage: House) -> None:
    await cottage.allow()
    lease = await cottage.claim((await cottage.ask()).id)
    await cottage.run(partial(cottage.endings.write, lease, Ending.stopped("not today")))
    assert (await cottage.row(lease.operation_id)).status == OperationStatus.CANCELLED


def test_only_a_result_is_a_completion() -> None:
    assert Ending.of(AgentResult("", "")).completed
    assert not Ending.failed("internal", "").completed
    assert not Ending.stopped("").completed
    assert Ending.stopped("").leaving("a key").left_behind == "a key"


async def test_what_was_meant_and_has_no_outcome_is_told_to_be_unknown_before_the_end(home: House) -> None:
    lease = await home.claimed()
    step: dict[str, Any] = {
        "customer_id": home.visitor.customer_id,
        "operation_id": lease.operation_id,
        "action": "click",
    }
    states = {1: StepState.DONE, 2: StepState.RUNNING, 3: StepState.TO_COME}
    rows = [
        StepRow(position=position, intent=f"Step {position}", state=state, **step) for position, state in states.items()
    ]
    await home.run(lambda session: session.add_all(rows))
    await home.run(partial(home.endings.write, lease, Ending.stopped("not today")))
    *_, unknown, _, _, _, ended = await home.entries()
    assert (unknown.action, ended.action) == (AuditAction.STEP_UNKNOWN, AuditAction.OPERATION_CANCELLED)
    because = "the run ended before it had an outcome"
    assert unknown.detail == {"step": 2, "intent": "Step 2", "because": because}
    view = await home.operations.status(home.visitor, lease.operation_id)
    assert [one.state for one in view.steps] == [StepState.DONE, StepState.TO_COME, StepState.TO_COME]


async def test_what_is_stopped_in_the_very_moment_of_its_end_is_not_tried_again(
    postgres_database: Database, clock: MovedClock
) -> None:
    """Whoever is first has the row; the other sees what they wrote. SQLite has one writer anyway."""
    home = await house(postgres_database, clock)
    lease = await home.claimed()
    stopped, go_on = threading.Event(), threading.Event()

    def stop(session: CustomerSession) -> None:
        operation_of(session, lease.operation_id, for_update=True).stop_asked_because = "not today"
        session.flush()
        stopped.set()
        assert go_on.wait(20)

    stopping = asyncio.create_task(home.run(stop))
    await asyncio.to_thread(stopped.wait, 20)
    passing = Ending(OperationStatus.FAILED, code="shop_error", sentence="It is busy.", passes=True)
    ending = asyncio.create_task(home.run(partial(home.endings.write, lease, passing)))
    await asyncio.to_thread(until_somebody_waits, home.database)
    go_on.set()
    await asyncio.gather(stopping, ending)
    assert (await home.operations.status(home.visitor, lease.operation_id)).retried_by is None
